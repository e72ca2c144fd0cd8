#define _DEFAULT_SOURCE /* explicit_bzero */
#include "cmd/send/job.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/msg.h"
#include "clickhouse/endpoint.h"
#include "cmd/cli/secret.h"

#include "base/banned.h"

#define ROUTE "/v1/batch"

enum { KEY_ID = 8 }; /* characters that tell a project's key from another's */

static const char *
setting(const char *option, const char *variable)
{
	const char *v = option ? option : getenv(variable);

	return v && (option || *v) ? v : NULL;
}

/* ---- the URL --------------------------------------------------------------- */

static bool
read_socket(struct send_target *t, const char *path, struct buf *server)
{
	if (*path != '/') {
		msg("--api unix:PATH wants the whole path of a socket");
		return false;
	}
	buf_adds(&t->socket, path);
	buf_addc(&t->socket, '\0');
	buf_adds(&t->url, "http://localhost" ROUTE);
	buf_addf(&t->shown, "unix:%s", path);
	buf_addf(server, "unix:%s", path);
	t->loopback = true;
	return true;
}

static const char *
describe(enum endpoint_fault fault)
{
	switch (fault) {
	case ENDPOINT_CREDENTIALS:
		return "holds a user or password: leave them out, the key is all there is";
	case ENDPOINT_QUERY:
		return "holds a query or fragment";
	case ENDPOINT_MEMORY:
		return "needs more memory than there is";
	default:
		return "is not an http:// or https:// URL, such as https://events.example.com";
	}
}

static bool
read_url(struct send_job *j, const char *url, struct buf *server)
{
	struct send_target *t = &j->target;
	struct endpoint at = { 0 };
	enum endpoint_fault fault = endpoint_read(&at, url);
	size_t n = fault ? 0 : strlen(at.url);
	bool good = !fault;

	if (fault)
		msg("--api: the URL %s", describe(fault));
	if (good && !at.loopback && memcmp(at.url, "http:", 5) == 0 && !j->allow_http) {
		msg("--api: over http:// everybody on the way could read the key: use https://, "
		    "or --allow-http where the network is yours");
		good = false;
	}
	while (n > 0 && at.url[n - 1] == '/')
		n--;
	if (good) {
		buf_add(&t->url, at.url, n);
		buf_add(&t->shown, at.url, n);
		buf_adds(&t->url, ROUTE);
		buf_add(server, at.server.p, at.server.n - 1);
		t->loopback = at.loopback;
	}
	endpoint_release(&at);
	return good;
}

/* ---- the key --------------------------------------------------------------- */

/* Whether the first line of the file's text is a key; cuts it there. */
static bool
take_key(struct send_target *t, size_t n, const char *from)
{
	const char *end = memchr(t->key, '\n', n);
	size_t i;

	if (end)
		n = (size_t)(end - t->key);
	while (n > 0 && (t->key[n - 1] == '\r' || t->key[n - 1] == ' '))
		n--;
	t->key[n] = '\0';
	if (n > 0 && t->key[0] == '{') {
		msg("%s: holds no key; 'mm-key mint' prints one, once, and keeps its hash in such "
		    "a file",
		    from);
		return false;
	}
	for (i = 0; i < n; i++)
		if (t->key[i] <= ' ' || t->key[i] > '~')
			n = 0;
	if (n > SEND_KEY_MAX)
		n = 0;
	if (n == 0)
		msg("%s: the first line must hold the key, of 1 to %d characters without spaces",
		    from, SEND_KEY_MAX);
	return n > 0;
}

static bool
has_kind(const char *key, const char *kind)
{
	return memcmp(key, kind, 2) == 0 && key[2] == '_';
}

static bool
can_send(const char *key, const char *from)
{
	if (strlen(key) < 3 || (!has_kind(key, "rk") && !has_kind(key, "ak")))
		return true;
	msg("%s: holds an %.2s, which can't send events: use an sk", from, key);
	return false;
}

static bool
read_key(struct send_job *j)
{
	struct send_target *t = &j->target;
	const char *file = setting(j->key_file, "MM_KEY_FILE"), *key = getenv("MM_KEY");
	const char *from = file ? file : "MM_KEY";
	size_t n;

	secret_guard();
	if (file) {
		if (!secret_read(file, "key", t->key, SEND_KEY_FILE_MAX, &n))
			return false;
	} else if (key && *key) {
		n = strnlen(key, SEND_KEY_MAX + 1);
		memcpy(t->key, key, n);
	} else {
		msg("no key: name a file that holds one with --key-file (or set MM_KEY_FILE or "
		    "MM_KEY); 'mm-key mint --kind sk' makes one");
		return false;
	}
	return take_key(t, n, from) && can_send(t->key, from);
}

/* ---- the folder ------------------------------------------------------------ */

/* The part of a key that servers look it up by, and that may be shown; of one of
   another form, as much of a hash. */
static void
name_key(const char *key, char id[KEY_ID + 1])
{
	const char *p = key;
	unsigned char hash[16];
	size_t i;

	for (i = 0; i < 2 && p; i++) {
		p = strchr(p, '_');
		p = p ? p + 1 : NULL;
	}
	if (p && strspn(p, "0123456789abcdef") == KEY_ID && p[KEY_ID] == '_') {
		snprintf(id, KEY_ID + 1, "%.*s", KEY_ID, p);
		return;
	}
	crypto_generichash(hash, sizeof(hash), (const unsigned char *)key, strlen(key), NULL, 0);
	for (i = 0; i < KEY_ID / 2; i++)
		snprintf(id + 2 * i, 3, "%02x", hash[i]);
}

/* What is kept belongs to a server and a project; the two dots are no table's. */
static void
name_folder(struct send_target *t, const struct buf *server)
{
	char id[KEY_ID + 1];
	size_t n, i;

	name_key(t->key, id);
	n = (size_t)snprintf(t->folder, sizeof(t->folder), "send.%s.", id);
	for (i = 0; i < server->n && n < SEND_FOLDER_MAX; i++) {
		char c = server->p[i];

		t->folder[n++] = c == '/' ? '_' : c;
	}
	t->folder[n] = '\0';
}

bool
send_target_read(struct send_job *j)
{
	const char *url = setting(j->url, "MM_URL");
	struct send_target *t = &j->target;
	struct buf server = BUF_INIT;
	bool good;

	if (!url) {
		msg("where to? Give --api URL (or set MM_URL), which stands before " ROUTE);
		return false;
	}
	good = (strncmp(url, "unix:", 5) == 0 ? read_socket(t, url + 5, &server)
					      : read_url(j, url, &server)) &&
	    read_key(j);
	buf_addc(&t->url, '\0');
	buf_addc(&t->shown, '\0');
	if (good)
		name_folder(t, &server);
	buf_release(&server);
	return good;
}

void
send_target_wipe(struct send_job *j)
{
	explicit_bzero(j->target.key, sizeof(j->target.key));
}

void
send_target_release(struct send_job *j)
{
	send_target_wipe(j);
	buf_release(&j->target.url);
	buf_release(&j->target.shown);
	buf_release(&j->target.socket);
}
