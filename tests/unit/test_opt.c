/* Options: what is parsed, what is refused, and what the help says. */
#include "base/opt.h"

#include "check.h"

#include "base/banned.h"

static bool flag, quiet;
static const char *file;
static struct opt_list list;
static uint64_t number, size, duration;
static int choice;

static const struct opt options[] = {
	{ 0, "choice", OPT_CHOICE, "one|two|three", "choose", &choice, 0, 0 },
	{ 'd', "duration", OPT_DURATION, "TIME", "wait", &duration, 100, 86400000 },
	OPT_FORMER("pause"),
	OPT_FORMER("delay"),
	{ 'f', "file", OPT_STRING, "FILE", "read FILE", &file, 0, 0 },
	{ 'x', "flag", OPT_FLAG, NULL, "a flag", &flag, 0, 0 },
	{ 'l', "list", OPT_LIST, "WORD", "collect", &list, 0, 0 },
	{ 'n', "number", OPT_NUMBER, "N", "count", &number, 1, 1000 },
	{ 0, "other", OPT_LIST, "WORD", "collect likewise", &list, 0, 0 },
	{ 'q', "quiet", OPT_FLAG, NULL, "say nothing", &quiet, 0, 0 },
	{ 0, "size", OPT_SIZE, "SIZE", "bytes", &size, 0, 0 },
	{ 0 },
};

static struct opt_command command = {
	.name = "mm-test",
	.summary = "Test the options",
	.synopsis = "[OPTION]... [FILE]...",
	.example = "mm-test -x < in > out",
	.options = options,
	.operands = "FILE",
};

enum { WORDS_MAX = 8 };

static char *argv[WORDS_MAX + 1];
static size_t operands;
static struct buf error;

/* Parses the words of a text, which blanks separate; '_' is the empty word. */
static enum opt_result
parse(const char *text)
{
	static char name[] = "mm-test", words[256];
	int argc = 1;
	char *p;

	flag = quiet = false;
	file = NULL;
	number = size = duration = 0;
	choice = -1;
	list.n = 0;
	snprintf(words, sizeof(words), "%s", text);
	argv[0] = name;
	for (p = words; *p && argc < WORDS_MAX;) {
		size_t n = strcspn(p, " ");
		char *next = p[n] ? p + n + 1 : p + n;

		p[n] = '\0';
		argv[argc++] = strcmp(p, "_") ? p : p + 1;
		p = next;
	}
	argv[argc] = NULL;
	return opt_parse(&command, argc, argv, &operands, &error);
}

static bool
wrong(const char *text, const char *why)
{
	bool good = parse(text) == OPT_WRONG && is_text(error.p, error.n, why);

	return CHECK(good, "%s: got \"%.*s\"", text, (int)error.n, error.n ? error.p : "");
}

static void
test_good(void)
{
	CHECK(parse("") == OPT_RUN && operands == 0, "nothing");
	CHECK(parse("-xq") == OPT_RUN && flag && quiet, "-xq");
	CHECK(parse("-x -- -q") == OPT_RUN && flag && !quiet && operands == 1 &&
		strcmp(argv[0], "-q") == 0,
	    "-- ends the options");
	CHECK(parse("a -x b - --quiet c") == OPT_RUN && flag && quiet && operands == 4 &&
		strcmp(argv[0], "a") == 0 && strcmp(argv[1], "b") == 0 &&
		strcmp(argv[2], "-") == 0 && strcmp(argv[3], "c") == 0,
	    "operands between options");
	CHECK(parse("-fname") == OPT_RUN && strcmp(file, "name") == 0, "-fname");
	CHECK(parse("-xf name") == OPT_RUN && flag && strcmp(file, "name") == 0, "-xf name");
	CHECK(parse("-f -x") == OPT_RUN && !flag && strcmp(file, "-x") == 0, "-f -x");
	CHECK(parse("--file=a=b") == OPT_RUN && strcmp(file, "a=b") == 0, "--file=a=b");
	CHECK(parse("--file --flag") == OPT_RUN && !flag && strcmp(file, "--flag") == 0,
	    "--file --flag");
	CHECK(parse("--list=") == OPT_RUN && *list.v[0] == '\0', "--list=");
	CHECK(parse("--list _") == OPT_RUN && *list.v[0] == '\0', "--list ''");
	CHECK(parse("-l a --list=b -lc") == OPT_RUN && list.n == 3 && strcmp(list.v[0], "a") == 0 &&
		strcmp(list.v[2], "c") == 0,
	    "a list");
	CHECK(parse("--other a -l b --other=c") == OPT_RUN && list.n == 3 &&
		list.by[0] == list.by[2] && strcmp(list.by[0]->name, "other") == 0 &&
		strcmp(list.by[1]->name, "list") == 0 && strcmp(list.v[1], "b") == 0,
	    "a list of two options, in their order");
	CHECK(parse("--choice one") == OPT_RUN && choice == 0, "one");
	CHECK(parse("--choice=three") == OPT_RUN && choice == 2, "three");
	CHECK(parse("-n 1 -n1000") == OPT_RUN && number == 1000, "the last one counts");
	CHECK(parse("_") == OPT_RUN && operands == 1, "an empty operand");
	CHECK(parse("--pause 2s") == OPT_RUN && duration == 2000, "a former name");
	CHECK(parse("--delay=3s") == OPT_RUN && duration == 3000, "an older one");
}

static void
test_special(void)
{
	CHECK(parse("-h") == OPT_SHOW_HELP && parse("--help") == OPT_SHOW_HELP, "help");
	CHECK(parse("-V") == OPT_SHOW_VERSION && parse("--version") == OPT_SHOW_VERSION, "version");
	CHECK(parse("-xh") == OPT_SHOW_HELP, "help after a flag");
	CHECK(parse("--help-options") == OPT_SHOW_OPTIONS, "the table");
	CHECK(parse("-- --help") == OPT_RUN && operands == 1, "no help after --");
}

static void
test_wrong(void)
{
	wrong("--nonsense", "unknown option --nonsense");
	wrong("--nonsense=value", "unknown option --nonsense");
	wrong("--fla", "unknown option --fla (did you mean --flag?)");
	wrong("--flagg", "unknown option --flagg (did you mean --flag?)");
	wrong("--help=x", "unknown option --help (did you mean --help?)");
	wrong("-xz", "unknown option -z");
	wrong("--flag=1", "--flag takes no argument");
	wrong("--flag=", "--flag takes no argument");
	wrong("--file", "--file needs an argument: FILE");
	wrong("--file _", "--file: expected a FILE, not an empty name");
	wrong("--file=", "--file: expected a FILE, not an empty name");
	wrong("-xf", "-f needs an argument: FILE");
	wrong("--choice four", "--choice: expected one of one|two|three");
	wrong("--choice o", "--choice: expected one of one|two|three");
	wrong("--choice one|two", "--choice: expected one of one|two|three");
	wrong("--choice=", "--choice: expected one of one|two|three");
	wrong("-n 0", "--number: expected 1 to 1000");
	wrong("-n 1001", "--number: expected 1 to 1000");
	wrong("-n -1", "--number: expected a whole number");
	wrong("-n 1k", "--number: expected a whole number");
	wrong("-n 18446744073709551617", "--number: expected a whole number");
	wrong("-n _", "--number: expected a whole number");
	wrong("-d 99ms", "--duration: expected 100ms to 1d");
	wrong("--pause 99ms", "--duration: expected 100ms to 1d");
	wrong("--pausse 1s", "unknown option --pausse");
	command.operands = NULL;
	wrong("a", "takes no operand, but was given 'a'");
	command.operands = "FILE";
}

static void
test_sizes(void)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} row[] = { { "0", 0 }, { "65536", 65536 }, { "1k", 1024 }, { "1K", 1024 },
		{ "64KiB", 65536 }, { "1M", 1048576 }, { "1m", 1048576 },
		{ "2GiB", UINT64_C(2) << 30 }, { "18446744073709551615", UINT64_MAX },
		{ "17179869183G", UINT64_C(17179869183) << 30 } };
	static const char *const bad[] = { "", "k", "-1", "+1", " 1", "1 ", "1kB", "1KB", "1Ki",
		"1iB", "1T", "0x10", "1.5M", "1kk", "18446744073709551616", "17179869184G",
		"99999999999999999999k" };
	uint64_t v;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		CHECK(opt_size(row[i].text, &v) && v == row[i].bytes, "%s: %llu", row[i].text,
		    (unsigned long long)v);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!opt_size(bad[i], &v), "accepted: %s", bad[i]);
}

static void
test_durations(void)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} row[] = { { "0", 0 }, { "7", 7000 }, { "250ms", 250 }, { "30s", 30000 }, { "5m", 300000 },
		{ "2h", 7200000 }, { "7d", 604800000 }, { "18446744073709551615ms", UINT64_MAX } };
	static const char *const bad[] = { "", "s", "-1s", "1.5s", "1 s", "1S", "1min", "1w",
		"1mss", "18446744073709551616", "18446744073709551615", "213503982335d" };
	uint64_t v;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		CHECK(opt_duration(row[i].text, &v) && v == row[i].ms, "%s: %llu", row[i].text,
		    (unsigned long long)v);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!opt_duration(bad[i], &v), "accepted: %s", bad[i]);
}

static bool
has_line(const struct buf *b, const char *line)
{
	size_t n = strlen(line);
	const char *p = b->p, *end = b->p + b->n;

	while (p < end) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));

		if (!stop)
			return false;
		if ((size_t)(stop - p) == n && memcmp(p, line, n) == 0)
			return true;
		p = stop + 1;
	}
	return false;
}

/* Every option is in the help and in the table; both end in a newline. */
static void
test_help(void)
{
	struct buf b = BUF_INIT;

	opt_help(&command, &b);
	CHECK(has_line(&b, "Usage: mm-test [OPTION]... [FILE]..."), "the usage");
	CHECK(has_line(&b, "    mm-test -x < in > out"), "the example");
	CHECK(has_line(&b, "  -x, --flag                  a flag"), "a flag");
	CHECK(has_line(&b, "      --size SIZE             bytes"), "an option without a letter");
	CHECK(has_line(&b, "  -h, --help                  print this help and exit"), "the help");
	buf_addc(&b, '\0');
	CHECK(!strstr(b.p, "pause"), "no former name in the help");
	buf_reset(&b);
	opt_table(&command, &b);
	CHECK(has_line(&b, "mm-test\tFILE\tTest the options"), "the first line");
	CHECK(has_line(&b, "\t--choice\tchoice\tone|two|three\tchoose"), "a choice");
	CHECK(has_line(&b, "-f\t--file\tfile\tFILE\tread FILE"), "a file");
	CHECK(has_line(&b, "-x\t--flag\tflag\t\ta flag"), "a flag");
	CHECK(has_line(&b, "-n\t--number\tvalue\tN\tcount"), "a number");
	CHECK(has_line(&b, "-V\t--version\tflag\t\tprint the version and exit"), "the version");
	buf_addc(&b, '\0');
	CHECK(!strstr(b.p, "pause"), "no former name in the table");
	buf_release(&b);
}

int
main(void)
{
	test_good();
	test_special();
	test_wrong();
	test_sizes();
	test_durations();
	test_help();
	buf_release(&error);
	free(list.v);
	free(list.by);
	return check_end("opt");
}
