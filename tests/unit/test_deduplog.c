/*
 * Which notes of a deduplication log are withdrawn, in a directory laid out as
 * ClickHouse does.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "tables/deduplog.h"

static char dir[] = "/tmp/mm-[dedup]*.XXXXXX";

static const char *
at(const char *path)
{
	static char whole[256];

	snprintf(whole, sizeof(whole), "%s/%s", dir, path);
	return whole;
}

#define TABLE "store/abc/abc-1"
#define LOG TABLE "/deduplication_logs/deduplication_log_1.txt"

static void
write_log(const char *text)
{
	FILE *f = fopen(at(LOG), "w");

	if (!f || fputs(text, f) == EOF || fclose(f) != 0)
		abort();
}

/* Repairs the log and compares what has been added to it. */
static void
check_repair(const char *log, const char *added)
{
	static char now[100000];
	size_t n;
	FILE *f;

	write_log(log);
	CHECK(deduplog_repair(dir) == 0, "%.40s", log);
	f = fopen(at(LOG), "r");
	if (!f)
		abort();
	n = fread(now, 1, sizeof(now) - 1, f);
	now[n] = '\0';
	fclose(f);
	CHECK(n >= strlen(log) && strncmp(now, log, strlen(log)) == 0, "%.40s is changed", log);
	CHECK(strcmp(now + strlen(log), added) == 0, "%.40s: %s", log, now + strlen(log));
}

/* Only the end of a long log is looked at, and from the beginning of a line. */
static void
test_long_log(void)
{
	static char log[60000];
	size_t n = 0;

	while (n < sizeof(log) - 100)
		n += (size_t)snprintf(log + n, 100, "1\t202605_1_1_0\tx_%zu\n", n);
	check_repair(log, "");
	snprintf(log + n, 100, "1\t202605_7_7_0\tlast\n");
	check_repair(log, "2\t202605_7_7_0\tlast\n");
}

int
main(void)
{
	static const char *const dirs[] = { "store", "store/abc", TABLE,
		TABLE "/deduplication_logs", TABLE "/202605_1_1_0", TABLE "/202605_2_4_1",
		TABLE "/202606_5_5_0_9", TABLE "/tmp_insert_202605_8_8_0", TABLE "/detached" };
	size_t i;

	if (!mkdtemp(dir))
		abort();
	CHECK(deduplog_repair(dir) == 0, "a directory without tables");
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mkdir(at(dirs[i]), 0700) != 0)
			abort();
	CHECK(deduplog_repair(dir) == 0, "a table without a log");
	check_repair("", "");
	check_repair("1\t202605_1_1_0\ta\n", "");
	check_repair("1\t202605_3_3_0\ta\n", ""); /* merged */
	check_repair("1\t202606_5_5_0\ta\n", ""); /* mutated */
	check_repair("1\t202606_1_1_0\ta\n", "2\t202606_1_1_0\ta\n");
	check_repair("1\t202605_8_8_0\ta\n", "2\t202605_8_8_0\ta\n");
	check_repair("1\t202605_5_5_0\ta\n1\t202605_1_1_0\tb\n", "2\t202605_5_5_0\ta\n");
	check_repair("1\t202605_5_5_0\ta\n2\t202605_5_5_0\ta\n", "");
	check_repair("1\t202605_5_5_0\ta\n2\t202605_5_5_0\ta\n1\t202605_1_1_0\ta\n", "");
	check_repair("1\t202605_5_5_0\ta\n1\t2026", ""); /* cut off */
	check_repair("1\tall_1_0_0\ta\n1\t\t\n9\n\n\t\t\t\n1\t2_99999999999999999999_1_1\tx\n", "");
	test_long_log();

	if (unlink(at(LOG)) != 0)
		abort();
	for (i = sizeof(dirs) / sizeof(dirs[0]); i-- > 0;)
		rmdir(at(dirs[i]));
	CHECK(rmdir(dir) == 0, "leaves files behind");
	return check_end("deduplog");
}
