#include "event/foreign.h"

#include "base/ascii.h"

#include "base/banned.h"

#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* By the first bytes of a file. */
static const struct {
	struct span magic;
	struct foreign is;
} magics[] = {
	{ BYTES("\x1f\x8b"), { "gzip", "zcat FILE", FOREIGN_BINARY } },
	{ BYTES("\x28\xb5\x2f\xfd"), { "zstd", "zstdcat FILE", FOREIGN_BINARY } },
	{ BYTES("BZh"), { "bzip2", "bzcat FILE", FOREIGN_BINARY } },
	{ BYTES("\xfd\x37zXZ"), { "xz", "xzcat FILE", FOREIGN_BINARY } },
	{ BYTES("PK\x03\x04"), { "a zip archive", "unzip -p FILE", FOREIGN_BINARY } },
	{ BYTES("\xff\xfe"), { "UTF-16", "iconv -f UTF-16 -t UTF-8 FILE", FOREIGN_BINARY } },
	{ BYTES("\xfe\xff"), { "UTF-16", "iconv -f UTF-16 -t UTF-8 FILE", FOREIGN_BINARY } },
};

static const struct foreign utf16_le = { "UTF-16 without its mark",
	"iconv -f UTF-16LE -t UTF-8 FILE", FOREIGN_BINARY };
static const struct foreign utf16_be = { "UTF-16 without its mark",
	"iconv -f UTF-16BE -t UTF-8 FILE", FOREIGN_BINARY };
static const struct foreign mark = { "files with byte order marks that were joined",
	"sed 's/^\\xef\\xbb\\xbf//' FILE", FOREIGN_TEXT };
static const struct foreign array = { "an array of events", "jq -c '.[]' FILE", FOREIGN_TEXT };
static const struct foreign pretty = { "JSON over several lines", "jq -c . FILE", FOREIGN_TEXT };
static const struct foreign body = { "a body for POST /v1/batch", "mm-batch -d FILE",
	FOREIGN_BODY };
static const struct foreign access_log = { "a web server's log", "mm-import auto FILE",
	FOREIGN_TEXT };
static const struct foreign csv = { "CSV", "mlr --icsv --ojsonl cat FILE", FOREIGN_TEXT };
static const struct foreign tsv = { "a table with tabs", "mlr --itsv --ojsonl cat FILE",
	FOREIGN_TEXT };

static bool
begins(const char *p, size_t n, struct span with)
{
	return n >= with.n && memcmp(p, with.p, with.n) == 0;
}

static const struct foreign *
by_first_bytes(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (begins(p, n, magics[i].magic))
			return &magics[i].is;
	if (n >= 4 && p[0] && !p[1] && p[2] && !p[3])
		return &utf16_le;
	return n >= 4 && !p[0] && p[1] && !p[2] && p[3] ? &utf16_be : NULL;
}

/* "[16/May/2026:" */
static bool
has_log_time(const char *p, size_t n)
{
	const char *end = p + n;

	for (; end - p >= 13 && (p = memchr(p, '[', (size_t)(end - p) - 12)) != NULL; p++)
		if (ascii_is_digit(p[1]) && ascii_is_digit(p[2]) && p[3] == '/' &&
		    ascii_is_letter(p[4]) && ascii_is_letter(p[5]) && ascii_is_letter(p[6]) &&
		    p[7] == '/' && ascii_is_digit(p[8]) && ascii_is_digit(p[11]) && p[12] == ':')
			return true;
	return false;
}

/* A line of names with separators between: the head of a table. */
static const struct foreign *
by_header(const char *p, size_t n)
{
	size_t commas = 0, tabs = 0, i;

	if (n == 0 || (!ascii_is_letter(*p) && *p != '"' && *p != '_'))
		return NULL;
	for (i = 0; i < n; i++) {
		commas += p[i] == ',';
		tabs += p[i] == '\t';
		if (!ascii_is_letter(p[i]) && !ascii_is_digit(p[i]) &&
		    !memchr(",\t_. $-\"", p[i], 8))
			return NULL;
	}
	return tabs ? &tsv : commas ? &csv : NULL;
}

static struct span
trim(const char *p, size_t n)
{
	while (n > 0 && (*p == ' ' || *p == '\t')) {
		p++;
		n--;
	}
	while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t' || p[n - 1] == '\r'))
		n--;
	return (struct span){ p, n };
}

const struct foreign *
foreign_guess(const char *p, size_t n, uint64_t number)
{
	const struct foreign *is = number == 1 ? by_first_bytes(p, n) : NULL;
	struct span line, inner;

	if (is)
		return is;
	if (begins(p, n, SPAN("\xef\xbb\xbf")))
		return &mark;
	line = trim(p, n);
	if (begins(line.p, line.n, SPAN("{\"events\":[")))
		return &body;
	if (line.n == 0)
		return NULL;
	inner = trim(line.p + 1, line.n - 1);
	if (line.p[0] == '{')
		return inner.n == 0 ? &pretty : NULL;
	if (line.p[0] == '[' && (inner.n == 0 || inner.p[0] == '{'))
		return &array;
	if (has_log_time(line.p, line.n))
		return &access_log;
	return number == 1 ? by_header(line.p, line.n) : NULL;
}
