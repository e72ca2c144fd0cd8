#include "tables/schema_grants.h"

#include "base/banned.h"

/* On a cluster the servers ask one another in the name of the user, where they
   share a secret: hence the tables behind the Distributed ones. */
struct grant {
	const char *rights;
	const char
	    *object;     /* a table of the database; "": all of them; or else with a star or dot */
	bool in_cluster; /* there alone */
};

struct role {
	const char *name, *uses;
	const struct grant *grants; /* ends with no rights */
};

static const struct grant reader[] = {
	{ "SELECT", "events", false },
	{ "SELECT", "events_local", true },
	{ "SELECT", "daily_rollup", false },
	{ "SELECT", "daily_rollup_local", true },
	{ "SELECT", "sessions", false },
	{ "SELECT", "sessions_local", true },
	{ "SELECT", "sessions_v", false },
	{ NULL, NULL, false },
};

static const struct grant inserter[] = {
	{ "INSERT", "events", false },
	{ "INSERT", "events_local", true },
	{ "SELECT", "forgotten", false },
	{ NULL, NULL, false },
};

static const struct grant forgetter[] = {
	{ "SELECT, INSERT, ALTER UPDATE, ALTER DELETE, ALTER TABLE, CREATE TABLE, DROP TABLE, "
	  "TRUNCATE",
	    "", false },
	{ "TABLE ENGINE", "*", false }, /* an older ClickHouse knows no such right */
	{ "SELECT", "system.mutations", false },
	{ "SELECT", "system.parts", false },
	{ "SELECT", "system.processes", false },
	{ NULL, NULL, false },
};

static const struct grant owner[] = {
	{ "SHOW, SELECT, INSERT, ALTER, CREATE, DROP, TRUNCATE", "", false },
	{ "TABLE ENGINE", "*", false },
	{ "CLUSTER, REMOTE", "*.*", true },
	{ "SELECT", "system.clusters", true },
	{ NULL, NULL, false },
};

static const struct role roles[] = {
	{ "reader", "mm-query, mm-stats, mm-sources, mm-funnel, mm-retention, mm-report, mm-mcp",
	    reader },
	{ "inserter", "mm-insert, mm-mcp's track_event", inserter },
	{ "forgetter", "mm-forget", forgetter },
	{ "owner", "mm-schema", owner },
};

static void
add_object(const struct schema_config *c, const struct grant *g, struct buf *b)
{
	if (!*g->object)
		buf_addf(b, "`%s`.*", c->database);
	else if (strpbrk(g->object, "*."))
		buf_adds(b, g->object);
	else
		buf_addf(b, "`%s`.%s", c->database, g->object);
}

static void
add_role(const struct schema_config *c, const struct role *r, struct buf *b)
{
	struct buf where = BUF_INIT;
	const struct grant *g;

	if (c->cluster)
		buf_addf(&where, " ON CLUSTER '%s'", c->cluster);
	buf_addf(b, "%s-- %s: %s\nCREATE ROLE IF NOT EXISTS `%s_%s`%.*s;\n", b->n ? "\n" : "",
	    r->name, r->uses, c->database, r->name, (int)where.n, where.p);
	for (g = r->grants; g->rights; g++) {
		if (g->in_cluster && !c->cluster)
			continue;
		buf_addf(b, "GRANT%.*s %s ON ", (int)where.n, where.p, g->rights);
		add_object(c, g, b);
		buf_addf(b, " TO `%s_%s`;\n", c->database, r->name);
	}
	b->failed |= where.failed;
	buf_release(&where);
}

void
schema_grants(const struct schema_config *c, struct buf *b)
{
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		add_role(c, &roles[i], b);
}
