#include "cmd/cli/shell.h"

#include <string.h>

#include "base/banned.h"

void
shell_word(struct buf *b, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-./:@%+=,";
	const char *p;

	if (*word && strspn(word, plain) == strlen(word)) {
		buf_adds(b, word);
		return;
	}
	buf_addc(b, '\'');
	for (p = word; *p; p++) {
		if (*p == '\'')
			buf_adds(b, "'\\'");
		buf_addc(b, *p);
	}
	buf_addc(b, '\'');
}

void
shell_option(struct buf *b, const char *name, const char *value)
{
	if (!value)
		return;
	buf_addf(b, " --%s ", name);
	shell_word(b, value);
}
