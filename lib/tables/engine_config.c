#include "tables/engine_config.h"

#include <sodium.h>
#include <string.h>

#include "tables/engine_dir.h"

#include "base/banned.h"

/*
 * What the user may do.  All that reaches beyond the tables has a privilege of
 * its own in ClickHouse (READ ON FILE, READ ON URL, CREATE DICTIONARY, BACKUP,
 * SYSTEM …), so it is enough not to name it.
 */
#define PRIVILEGES                                                                           \
	"GRANT SHOW, SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, "    \
	"CREATE TEMPORARY TABLE, DROP DATABASE, DROP TABLE, DROP VIEW, TRUNCATE, OPTIMIZE, " \
	"KILL QUERY ON *.*"

/* Of these, none names a file or a server. */
static const char *const table_engines[] = { "AggregatingMergeTree", "Atomic", "Buffer",
	"CoalescingMergeTree", "CollapsingMergeTree", "Join", "Log", "MaterializedView", "Memory",
	"Merge", "MergeTree", "Null", "ReplacingMergeTree", "Set", "StripeLog", "SummingMergeTree",
	"TinyLog", "VersionedCollapsingMergeTree", "View" };

/*
 * Settings that name files and servers, and that need no privilege.  A server
 * looks for such files in a directory of its own; the library anywhere.
 */
static const char *const fixed_settings[] = { "dynamic_disk_allow_from_env",
	"dynamic_disk_allow_include", "format_avro_schema_registry_url", "format_schema",
	"format_schema_source", "format_template_resultset", "format_template_row",
	"input_format_record_errors_file_path", "merge_tree_disk", "merge_tree_storage_policy" };

static void
add_escaped(struct buf *b, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			buf_adds(b, "&amp;");
			break;
		case '<':
			buf_adds(b, "&lt;");
			break;
		case '>':
			buf_adds(b, "&gt;");
			break;
		default:
			buf_addc(b, *s);
		}
	}
}

static void
add_path(struct buf *b, const char *tag, const char *directory, const char *name)
{
	buf_addf(b, "<%s>", tag);
	add_escaped(b, directory);
	buf_addf(b, "/%s</%s>\n", name, tag);
}

static void
add_server(struct buf *b, const struct engine_settings *s)
{
	buf_adds(b, "<listen_host>127.0.0.1</listen_host>\n");
	/* given any level, the library prints all that it does */
	if (!s->is_library)
		buf_adds(b, "<logger><level>error</level><console>1</console></logger>\n");
	buf_addf(b, "<http_port>%u</http_port>\n", s->port);
	/* a mutation pauses for up to 1.1 s between its steps, however small they are */
	buf_adds(b,
	    "<background_processing_pool_task_sleep_seconds_when_no_work_random_part>0.02"
	    "</background_processing_pool_task_sleep_seconds_when_no_work_random_part>\n"
	    "<background_processing_pool_thread_sleep_seconds_if_nothing_to_do>0.02"
	    "</background_processing_pool_thread_sleep_seconds_if_nothing_to_do>\n");
	buf_adds(b, "<timezone>UTC</timezone>\n<mlock_executable>false</mlock_executable>\n");
	if (s->memory)
		buf_addf(b, "<max_server_memory_usage>%llu</max_server_memory_usage>\n",
		    (unsigned long long)s->memory);
	add_path(b, "path", s->directory, "");
	add_path(b, "tmp_path", s->directory, "tmp/");
	add_path(b, "user_files_path", s->directory, "user_files/");
	add_path(b, "format_schema_path", s->directory, "format_schemas/");
}

/* One rule: an answer that needs no database. */
static void
add_answer(
    struct buf *b, const char *condition, const char *status, const char *code, const char *text)
{
	buf_addf(b, "<rule>%s<handler><type>static</type><status>%s</status>", condition, status);
	if (*code)
		buf_addf(b,
		    "<http_response_headers><X-ClickHouse-Exception-Code>%s"
		    "</X-ClickHouse-Exception-Code></http_response_headers>",
		    code);
	buf_addf(b, "<response_content>%s\n</response_content></handler></rule>\n", text);
}

/*
 * By our own name only: a page whose name is made to mean this machine (DNS
 * rebinding) has its own in Host.  The port may be that of a tunnel.
 */
#define HOST "<Host>regex:(127\\.0\\.0\\.1|localhost)(:[0-9]+)?</Host>"

static void
add_query_rule(struct buf *b, const char *header, const char *value)
{
	buf_addf(b,
	    "<rule><url>/</url><headers>" HOST "<%s>%s</%s></headers><handler>"
	    "<type>dynamic_query_handler</type><query_param_name>query</query_param_name>"
	    "</handler></rule>\n",
	    header, value, header);
}

/*
 * The first rule that fits answers.  The password is asked for here, before
 * ClickHouse looks who it is: its library runs our first statement as a user
 * without a password, whom it can't be denied that somebody connects as.  It
 * has to come in a header, which no form or image of a page can send; what a
 * page's script sends has an Origin.
 */
static void
add_rules(struct buf *b, const struct engine_settings *s)
{
	char basic[8 + (sizeof(ENGINE_USER) + ENGINE_PASSWORD_MAX) * 2];
	struct buf text = BUF_INIT;

	buf_addf(&text, "%s:%s", ENGINE_USER, s->password);
	memcpy(basic, "Basic ", 6);
	sodium_bin2base64(basic + 6, sizeof(basic) - 6, (const unsigned char *)text.p, text.n,
	    sodium_base64_VARIANT_ORIGINAL);

	buf_adds(b, "<http_handlers>\n");
	add_answer(b, "<headers><Origin>regex:.+</Origin></headers>", "403", "",
	    "This ClickHouse is not for web pages.");
	add_answer(b, "<url>/mm-clickhouse</url><headers>" HOST "</headers>", "200", "", s->token);
	buf_adds(b,
	    "<rule><url>/ping</url><headers>" HOST "</headers>"
	    "<handler><type>ping</type></handler></rule>\n");
	add_query_rule(b, "X-ClickHouse-Key", s->password);
	add_query_rule(b, "Authorization", basic);
	add_answer(b, "<url>/</url><headers>" HOST "</headers>", "403", "516",
	    "Code: 516. DB::Exception: The user or the password is missing, or not this one. "
	    "(AUTHENTICATION_FAILED)");
	add_answer(
	    b, "<headers>" HOST "</headers>", "404", "", "There is nothing under this path.");
	add_answer(b, "", "403", "", "This ClickHouse answers under the name 127.0.0.1 only.");
	buf_adds(b, "</http_handlers>\n");
	sodium_memzero(basic, sizeof(basic));
	if (text.p)
		sodium_memzero(text.p, text.n);
	buf_release(&text);
}

static void
add_user(struct buf *b, const struct engine_settings *s)
{
	size_t i;

	buf_addf(b, "<%s><password>%s</password><networks><ip>127.0.0.1</ip></networks>",
	    ENGINE_USER, s->password);
	buf_addf(b, "<profile>%s</profile><quota>default</quota>\n<grants>\n", ENGINE_USER);
	buf_addf(b, "<query>%s</query>\n", PRIVILEGES);
	for (i = 0; s->is_library && i < sizeof(table_engines) / sizeof(table_engines[0]); i++)
		buf_addf(b, "<query>GRANT TABLE ENGINE ON %s</query>\n", table_engines[i]);
	buf_addf(b, "</grants></%s>\n", ENGINE_USER);
}

static void
add_profile(struct buf *b, const struct engine_settings *s)
{
	size_t i;

	buf_addf(b, "<profiles><default/><%s><constraints>\n", ENGINE_USER);
	for (i = 0; s->is_library && i < sizeof(fixed_settings) / sizeof(fixed_settings[0]); i++)
		buf_addf(b, "<%s><readonly/></%s>\n", fixed_settings[i], fixed_settings[i]);
	buf_addf(b, "</constraints></%s></profiles>\n", ENGINE_USER);
}

void
engine_config_build(struct buf *b, const struct engine_settings *s)
{
	buf_adds(b, "<clickhouse>\n<!-- written by mm-clickhouse at every start -->\n");
	add_server(b, s);
	add_rules(b, s);
	buf_adds(b, "<user_directories><users_xml>");
	add_path(b, "path", s->directory, ENGINE_CONFIG);
	buf_adds(b, "</users_xml></user_directories>\n<users>\n");
	if (s->is_library)
		buf_adds(b,
		    "<default><password></password><networks><ip>127.0.0.1</ip></networks>"
		    "<profile>default</profile><quota>default</quota>"
		    "<grants><query>GRANT SYSTEM LISTEN ON *.*</query></grants></default>\n");
	add_user(b, s);
	buf_adds(b, "</users>\n");
	add_profile(b, s);
	buf_adds(b, "<quotas><default/></quotas>\n");
	/* other versions of the program may not know these */
	if (s->is_library)
		buf_adds(b,
		    "<access_control_improvements><table_engines_require_grant>true"
		    "</table_engines_require_grant></access_control_improvements>\n");
	buf_adds(b, "</clickhouse>\n");
}

void
engine_config_netrc(struct buf *b, const char *password)
{
	static const char *const names[] = { "127.0.0.1", "localhost" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		buf_addf(b, "machine %s login %s password %s\n", names[i], ENGINE_USER, password);
}

void
engine_config_env(struct buf *b, const char *url, const char *password)
{
	buf_addf(b, "MM_CLICKHOUSE_URL=%s\nMM_CLICKHOUSE_USER=%s\nMM_CLICKHOUSE_PASSWORD=%s\n", url,
	    ENGINE_USER, password);
}
