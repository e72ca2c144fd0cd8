/*
 * The configuration of a private ClickHouse: one user with a password, who has
 * the tables and nothing else of the machine, and whom no web page can be.
 */
#ifndef MM_ENGINE_CONFIG_H
#define MM_ENGINE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define ENGINE_USER "millimetric"

enum { ENGINE_PASSWORD_MAX = 128 + 1, ENGINE_TOKEN_MAX = 64 + 1 };

struct engine_settings {
	const char *directory; /* absolute */
	unsigned port;
	uint64_t memory; /* bytes; 0: ClickHouse's default */
	bool is_library;
	const char *
	    password; /* without spaces, quotes and <>&; at most ENGINE_PASSWORD_MAX with its NUL */
	const char *token; /* what /mm-clickhouse answers, so that we know our own */
};

/* Appends the XML, with the users in it: for a file that nobody else may read. */
void engine_config_build(struct buf *, const struct engine_settings *);

/* The same user and password as curl's --netrc-file wants them. */
void engine_config_netrc(struct buf *, const char *password);

/* And as variables, for a shell and for systemd's EnvironmentFile. */
void engine_config_env(struct buf *, const char *url, const char *password);

#endif
