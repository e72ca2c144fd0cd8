#define _GNU_SOURCE /* what <maxminddb.h> includes needs it */
#include "geo.h"

#include <maxminddb.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "banned.h"

struct geo {
	MMDB_s db;
};

struct geo *
geo_open(const char *path, const char **reason)
{
	struct geo *g = malloc(sizeof(*g));
	int status;

	if (!g) {
		*reason = "out of memory";
		return NULL;
	}
	status = MMDB_open(path, MMDB_MODE_MMAP, &g->db);
	if (status != MMDB_SUCCESS) {
		*reason = MMDB_strerror(status);
		free(g);
		return NULL;
	}
	return g;
}

void
geo_close(struct geo *g)
{
	if (!g)
		return;
	MMDB_close(&g->db);
	free(g);
}

static bool
code_at(MMDB_entry_s *entry, const char *const *path, char code[2])
{
	MMDB_entry_data_s data;

	if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data ||
	    data.type != MMDB_DATA_TYPE_UTF8_STRING || data.data_size != 2)
		return false;
	if (data.utf8_string[0] < 'A' || data.utf8_string[0] > 'Z' || data.utf8_string[1] < 'A' ||
	    data.utf8_string[1] > 'Z')
		return false;
	memcpy(code, data.utf8_string, 2);
	return true;
}

bool
geo_country(struct geo *g, const struct ip *ip, char code[2])
{
	static const char *const country[] = { "country", "iso_code", NULL };
	static const char *const registered[] = { "registered_country", "iso_code", NULL };
	static const char *const flat[] = { "country_code", NULL };
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	MMDB_lookup_result_s found;
	int status;

	memset(&address, 0, sizeof(address));
	if (ip->v4) {
		address.v4.sin_family = AF_INET;
		memcpy(&address.v4.sin_addr, ip->b, 4);
	} else {
		if (g->db.metadata.ip_version == 4)
			return false;
		address.v6.sin6_family = AF_INET6;
		memcpy(&address.v6.sin6_addr, ip->b, 16);
	}
	found = MMDB_lookup_sockaddr(&g->db, &address.any, &status);
	if (status != MMDB_SUCCESS || !found.found_entry)
		return false;
	return code_at(&found.entry, country, code) || code_at(&found.entry, registered, code) ||
	    code_at(&found.entry, flat, code);
}
