#include "base/uuid.h"

#include "base/ascii.h"

#include "base/banned.h"

bool
uuid_valid(struct span s)
{
	size_t i;

	if (s.n != UUID_TEXT)
		return false;
	for (i = 0; i < s.n; i++) {
		char c = s.p[i], lower = c | 0x20;

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (c != '-')
				return false;
		} else if (!(c >= '0' && c <= '9') && !(lower >= 'a' && lower <= 'f')) {
			return false;
		}
	}
	return true;
}

bool
uuid_read(struct span s, char *w)
{
	size_t i;

	if (!uuid_valid(s))
		return false;
	for (i = 0; i < s.n; i++)
		w[i] = ascii_lower(s.p[i]);
	return true;
}

void
uuid_bytes(const char *text, unsigned char bytes[16])
{
	size_t i;

	for (i = 0; i < 16; i++) {
		if (*text == '-')
			text++;
		bytes[i] = (unsigned char)(ascii_hex(text[0]) << 4 | ascii_hex(text[1]));
		text += 2;
	}
}

void
uuid_format(char *w, const unsigned char bytes[16], unsigned version)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char b[16];
	size_t i;

	memcpy(b, bytes, sizeof(b));
	b[6] = (unsigned char)((b[6] & 0x0f) | version << 4);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (i = 0; i < sizeof(b); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*w++ = '-';
		*w++ = hex[b[i] >> 4];
		*w++ = hex[b[i] & 15];
	}
}
