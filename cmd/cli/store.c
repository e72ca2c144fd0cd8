#define _DEFAULT_SOURCE /* explicit_bzero */
#include "cmd/cli/store.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/cli/face.h"
#include "base/msg.h"
#include "cmd/cli/secret.h"

#include "base/banned.h"

#define DEFAULT_URL "http://127.0.0.1:8123/"
#define DEFAULT_DATABASE "millimetric"

enum { DATABASE_MAX = 64 };

static const char *
setting(const char *option, const char *variable, const char *otherwise)
{
	const char *v = option ? option : getenv(variable);

	/* a unit file or container sets FOO= to say "none" */
	if (!option && v && !*v)
		v = NULL;
	return v ? v : otherwise;
}

static bool
is_identifier(const char *s)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	static const char rest[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
	size_t n = strlen(s);

	return n > 0 && n <= DATABASE_MAX && strspn(s, first) > 0 && strspn(s, rest) == n;
}

/* Cuts the text after its first line; false when it holds no password. */
static bool
keep_first_line(char *p, size_t n)
{
	const char *end = memchr(p, '\n', n);
	size_t len = end ? (size_t)(end - p) : n;

	if (len > 0 && p[len - 1] == '\r')
		len--;
	if (len == 0 || len > STORE_PASSWORD_MAX || memchr(p, '\0', len))
		return false;
	p[len] = '\0';
	return true;
}

static bool
read_password(struct store *s)
{
	size_t n;

	if (!secret_read(s->password_file, "password", s->password, sizeof(s->password) - 1, &n))
		return false;
	if (!keep_first_line(s->password, n)) {
		explicit_bzero(s->password, sizeof(s->password));
		msg("%s: the first line must hold the password, of 1 to %d bytes", s->password_file,
		    STORE_PASSWORD_MAX);
		return false;
	}
	s->config.password = s->password;
	return true;
}

bool
store_config(struct store *s, const atomic_int *stop)
{
	struct clickhouse_config *c = &s->config;

	memset(c, 0, sizeof(*c));
	c->url = setting(s->url, "MM_CLICKHOUSE_URL", DEFAULT_URL);
	c->database = setting(s->database, "MM_CLICKHOUSE_DATABASE", DEFAULT_DATABASE);
	c->user = setting(NULL, "MM_CLICKHOUSE_USER", NULL);
	c->cacert = setting(s->cacert, "MM_CLICKHOUSE_CACERT", NULL);
	c->stop = stop;
	if (c->cacert && access(c->cacert, R_OK) != 0) {
		msg_errno(errno, "%s: with the certificates to trust", c->cacert);
		return false;
	}
	if (!is_identifier(c->database)) {
		msg("the name of the database must consist of letters, digits and underscores, "
		    "not begin with a digit, and be at most %d characters long",
		    DATABASE_MAX);
		return false;
	}
	if (s->password_file) {
		if (!read_password(s))
			return false;
	} else {
		c->password = setting(NULL, "MM_CLICKHOUSE_PASSWORD", NULL);
		if (c->password)
			secret_guard();
	}
	/* ClickHouse refuses a password alone; this is whom it takes for meant otherwise */
	if (c->password && !c->user)
		c->user = "default";
	return true;
}

struct clickhouse *
store_open(struct store *s, const atomic_int *stop)
{
	struct clickhouse_error e;
	struct clickhouse *ch;

	if (!store_config(s, stop))
		return NULL;
	memset(&e, 0, sizeof(e));
	ch = clickhouse_open(&s->config, &e);
	if (!ch)
		msg("%s", e.text);
	store_forget(s);
	return ch;
}

void
store_forget(struct store *s)
{
	explicit_bzero(s->password, sizeof(s->password));
	s->config.password = NULL;
}

/* What to do about an error code that new users meet; NULL for others. */
static const char *
advice(int code)
{
	switch (code) {
	case 60: /* UNKNOWN_TABLE */
	case 81: /* UNKNOWN_DATABASE */
		return "make the tables with 'mm-schema'";
	case 16:  /* NO_SUCH_COLUMN_IN_TABLE */
	case 47:  /* UNKNOWN_IDENTIFIER */
	case 117: /* INCORRECT_DATA, as a column that is not there */
		return "see 'mm-schema --check'";
	case 192: /* UNKNOWN_USER */
	case 193: /* WRONG_PASSWORD */
	case 194: /* REQUIRED_PASSWORD */
	case 516: /* AUTHENTICATION_FAILED */
		return "check MM_CLICKHOUSE_USER and MM_CLICKHOUSE_PASSWORD or --password-file";
	case 115: /* UNKNOWN_SETTING */
		return "this ClickHouse is too old: 22 is the first that will do";
	case 164: /* READONLY */
		return "the user may only read; use one that may write";
	case 774: /* TABLE_IS_PERMANENTLY_READ_ONLY */
		return "the table was made read-only; its setting table_readonly says so";
	case 497: /* ACCESS_DENIED */
		return "'mm-schema --grants' prints what each command needs";
	default:
		return NULL;
	}
}

int
store_complain(const struct clickhouse_error *e)
{
	const char *what = advice(e->code);

	if (e->status == CLICKHOUSE_STOPPED)
		return STATUS_OK;
	if (!what && e->code == 0 && e->http == 0 && e->status == CLICKHOUSE_TRANSIENT)
		what = "is ClickHouse running there? MM_CLICKHOUSE_URL or --url says where; "
		       "'mm-clickhouse -d DIR -- COMMAND' runs one";
	if (what)
		msg("%s; %s", e->text, what);
	else
		msg("%s", e->text);
	return e->status == CLICKHOUSE_TRANSIENT ? STATUS_TEMPFAIL : STATUS_ERROR;
}
