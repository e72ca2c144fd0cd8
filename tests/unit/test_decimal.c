/* Numbers compared as decimal text. */
#include "base/decimal.h"

#include "check.h"

#include "base/banned.h"

static int
compare(const char *a, const char *b)
{
	struct decimal x = decimal_read(span_of(a)), y = decimal_read(span_of(b));

	return decimal_compare(&x, &y);
}

static bool
is_whole(const char *text)
{
	struct decimal x = decimal_read(span_of(text));

	return decimal_is_whole(&x);
}

/* Each is less than all below it; those of one row are equal. */
static const char *const ascending[][4] = {
	{ "-1e99999999999999999999" },
	{ "-1e400", "-10e399" },
	{ "-9007199254740993", "-9007199254740993.0" },
	{ "-9007199254740992", "-900719925474099.2e1" },
	{ "-1.5", "-15e-1", "-0.15E+1" },
	{ "-1" },
	{ "-0.00000000000000000000000000001" },
	{ "0", "-0", "0.000", "0e99999999999999999999" },
	{ "1e-99999999999999999999" },
	{ "0.1", "1e-1", "0.10", "10E-2" },
	{ "0.10000000000000000000000000000000000001" },
	{ "1", "1.0", "1e0", "0.1e1" },
	{ "9.99" },
	{ "10", "1e1", "1E+01" },
	{ "9007199254740992" },
	{ "9007199254740993", "9007199254740.993e3" },
	{ "9007199254740994" },
	{ "12345678901234567890" },
	{ "1e20", "100000000000000000000" },
	{ "1e400" },
	{ "1e99999999999999999999" },
};
enum { ROWS = sizeof(ascending) / sizeof(ascending[0]) };

static void
test_order(void)
{
	int i, j, a, b;

	for (i = 0; i < ROWS; i++)
		for (j = 0; j < ROWS; j++)
			for (a = 0; a < 4 && ascending[i][a]; a++)
				for (b = 0; b < 4 && ascending[j][b]; b++)
					CHECK(compare(ascending[i][a], ascending[j][b]) ==
						(i > j) - (i < j),
					    "%s and %s", ascending[i][a], ascending[j][b]);
}

static void
test_whole(void)
{
	static const char *const whole[] = { "0", "-0.0", "1", "1.0", "1e3", "-15e2", "120e-1",
		"0.5e1", "1234567890.123456789e9", "0e-5", "1e99999999999999999999" };
	static const char *const broken[] = { "0.5", "-1.5", "1e-1", "12e-1", "0.05e1",
		"1234567890.123456789e8", "1e-99999999999999999999" };
	size_t i;

	for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		CHECK(is_whole(whole[i]), "%s", whole[i]);
	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		CHECK(!is_whole(broken[i]), "%s", broken[i]);
}

/* For decimal-oracle.mjs: of a line "A B", their order, and whether A is whole. */
static int
oracle(void)
{
	static char line[1 << 16];

	while (fgets(line, sizeof(line), stdin)) {
		char *space = strchr(line, ' '), *end = strchr(line, '\n');

		if (!space || !end)
			return 2;
		*space = *end = '\0';
		printf("%d %d\n", compare(line, space + 1), is_whole(line));
	}
	return ferror(stdin) || fflush(stdout) ? 2 : 0;
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--oracle") == 0)
		return oracle();
	test_order();
	test_whole();
	return check_end("decimal");
}
