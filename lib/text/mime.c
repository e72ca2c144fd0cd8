#include "text/mime.h"

#include "base/timestamp.h"
#include "base/utf8.h"

#include "base/banned.h"

static const char hex[] = "0123456789ABCDEF";

/* ---- header fields ------------------------------------------------------------- */

static bool
is_printable(char c)
{
	return c >= 0x20 && c < 0x7f;
}

/* The next piece that can stand on a line: blanks, and what follows up to others. */
static size_t
piece(struct span text, size_t at)
{
	size_t end = at;

	while (end < text.n && text.p[end] == ' ')
		end++;
	while (end < text.n && text.p[end] != ' ')
		end++;
	return end - at;
}

/* Can stand as it is: printable, nothing like an encoded word, and pieces that fit a line. */
static bool
is_plain(struct span text, size_t column)
{
	size_t i, n;

	if (span_holds(text, SPAN("=?")) ||
	    (text.n > 0 && (*text.p == ' ' || text.p[text.n - 1] == ' ')))
		return false;
	for (i = 0; i < text.n; i++)
		if (!is_printable(text.p[i]))
			return false;
	for (i = 0; i < text.n; i += n) {
		n = piece(text, i);
		if (column + n > MIME_LINE)
			return false;
		column = 0;
	}
	return true;
}

static void
add_folded(struct buf *b, struct span text, size_t column)
{
	size_t i, n;

	for (i = 0; i < text.n; i += n) {
		n = piece(text, i);
		if (i > 0 && column + n > MIME_LINE) {
			buf_addc(b, '\n');
			column = 0;
		}
		buf_add(b, text.p + i, n);
		column += n;
	}
}

/* The bytes of a character, whole, so that each encoded word can be read for itself. */
static size_t
character(struct span text, size_t at)
{
	size_t n = utf8_sequence(text.p + at, text.p + text.n);

	return n ? n : 1;
}

static bool
is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    c == '-' || c == '.' || c == ',' || c == ':' || c == '/';
}

static size_t
encoded_size(struct span text, size_t at, size_t n)
{
	size_t size = 0, i;

	for (i = at; i < at + n; i++)
		size += is_word_byte(text.p[i]) || text.p[i] == ' ' ? 1 : 3;
	return size;
}

static void
add_encoded_byte(struct buf *b, char c)
{
	unsigned char u = (unsigned char)c;

	if (c == ' ')
		buf_addc(b, '_');
	else if (is_word_byte(c))
		buf_addc(b, c);
	else
		buf_addf(b, "=%c%c", hex[u >> 4], hex[u & 15]);
}

/* Words by the Q encoding, each on a line of its own but the first. */
static void
add_words(struct buf *b, struct span text, size_t column)
{
	size_t at = 0, i;

	while (at < text.n) {
		size_t used = column +
		    sizeof("=?UTF-8?Q?"
			   "?=") -
		    1;

		buf_adds(b, at > 0 ? "\n =?UTF-8?Q?" : "=?UTF-8?Q?");
		do {
			size_t n = character(text, at);

			used += encoded_size(text, at, n);
			for (i = 0; i < n; i++)
				add_encoded_byte(b, text.p[at + i]);
			at += n;
		} while (
		    at < text.n && used + encoded_size(text, at, character(text, at)) <= MIME_LINE);
		buf_adds(b, "?=");
		column = 1;
	}
}

void
mime_add_field(struct buf *b, const char *name, struct span text)
{
	size_t column = strlen(name) + 2;

	buf_addf(b, "%s: ", name);
	if (is_plain(text, column))
		add_folded(b, text, column);
	else
		add_words(b, text, column);
	buf_addc(b, '\n');
}

void
mime_add_date(struct buf *b, int64_t ms)
{
	static const char days[][4] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
		"Sep", "Oct", "Nov", "Dec" };
	char text[TIMESTAMP_TEXT];
	int64_t day = timestamp_day(ms);
	int year, month, date;

	date_from_days(day, &year, &month, &date);
	timestamp_format(text, ms);
	buf_addf(b, "Date: %s, %d %s %d %.8s +0000\n", days[(day % 7 + 7) % 7], date,
	    months[month - 1], year, text + DATE_TEXT + 1);
}

bool
mime_is_address(struct span s)
{
	enum { ADDRESS_MAX = 254 };
	size_t ats = 0, i;

	if (s.n == 0 || s.n > ADDRESS_MAX)
		return false;
	for (i = 0; i < s.n; i++) {
		ats += s.p[i] == '@';
		if (s.p[i] == ' ' || !is_printable(s.p[i]) || memchr("<>()[],;:\\\"", s.p[i], 11))
			return false;
	}
	/* what begins with a dash may be taken for an option by the program behind */
	return ats <= 1 && *s.p != '-' && *s.p != '@' && s.p[s.n - 1] != '@';
}

void
mime_add_addresses(struct buf *b, const char *name, const struct span *v, size_t n)
{
	size_t i;

	buf_addf(b, "%s: ", name);
	for (i = 0; i < n; i++) {
		buf_adds(b, i > 0 ? ",\n " : "");
		buf_add(b, v[i].p, v[i].n);
	}
	buf_addc(b, '\n');
}

/* ---- quoted-printable ------------------------------------------------------------ */

/* Whether the byte has to be written by its number. */
static bool
is_quoted(struct span line, size_t i)
{
	char c = line.p[i];

	if (c == '=' || (!is_printable(c) && c != '\t'))
		return true;
	if (c == ' ' || c == '\t')
		return i + 1 == line.n;
	/* sendmail ends at a line of "."; mailboxes take "From " for the next message */
	return i == 0 && (c == '.' || (line.n >= 5 && memcmp(line.p, "From ", 5) == 0));
}

static void
add_line(struct buf *b, struct span line)
{
	size_t column = 0, i;

	for (i = 0; i < line.n; i++) {
		bool quoted = is_quoted(line, i);
		/* the = of a soft break needs room, but at the end */
		size_t size = quoted ? 3 : 1, room = i + 1 < line.n ? MIME_LINE - 1 : MIME_LINE;

		if (column + size > room) {
			buf_adds(b, "=\n");
			column = 0;
			/* a piece may begin with what a line must not */
			quoted = quoted || line.p[i] == '.' || line.p[i] == 'F';
			size = quoted ? 3 : 1;
		}
		if (quoted)
			buf_addf(
			    b, "=%c%c", hex[(unsigned char)line.p[i] >> 4], hex[line.p[i] & 15]);
		else
			buf_addc(b, line.p[i]);
		column += size;
	}
	buf_addc(b, '\n');
}

void
mime_add_quoted(struct buf *b, struct span text)
{
	struct span line;

	while (span_take_line(&text, &line))
		add_line(b, line);
}
