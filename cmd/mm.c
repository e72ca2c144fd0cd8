/*
 * mm: says which command does what, finds one by a word, and runs it.
 */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "cmd/cli/face.h"
#include "cmd/mm/index.h"

#include "base/banned.h"

static const struct {
	const char *aim, *commands[8];
} aims[] = {
	{ "Get events in", { "serve", "key", "import", "send" } },
	{ "Check them", { "validate", "dedup", "batch", "identify" } },
	{ "Make rows of them", { "enrich", "classify", "hash-ip" } },
	{ "Keep them", { "clickhouse", "schema", "insert", "forget" } },
	{ "Ask", { "report", "stats", "sources", "funnel", "retention", "query", "mcp" } },
};

enum { AIMS = sizeof(aims) / sizeof(aims[0]) };

static void
overview(struct buf *b)
{
	size_t i, k;

	buf_adds(b, "Web and product analytics in pipes.  The commands, by what you want to do:\n");
	for (i = 0; i < AIMS; i++) {
		buf_addf(b, "\n%s\n", aims[i].aim);
		for (k = 0; k < 8 && aims[i].commands[k]; k++)
			index_add(b, aims[i].commands[k]);
	}
	buf_adds(b,
	    "\n'mm help WORD' finds commands and options; 'man mm-validate' is a manual, 'man 7 mm'\n"
	    "the overview; 'mm validate' is another way to write 'mm-validate'.\n");
}

/* Does not return but when it can't run: the status to end with. */
static int
run(char **argv)
{
	const char *name = argv[0];
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct span near;
	struct buf b = BUF_INIT;

	if (!index_find(name)) {
		near = index_nearest(name);
		if (near.p)
			msg("no command '%.64s'; did you mean '%.*s'?", name, (int)near.n, near.p);
		else
			msg("no command '%.64s'; 'mm' alone lists them", name);
		return STATUS_ERROR;
	}
	/* the one beside this program, else that of the PATH */
	self[n < 0 ? 0 : n] = '\0';
	if (n > 0)
		buf_addf(&b, "%s/mm-%s", dirname(self), name);
	buf_addc(&b, '\0');
	if (n > 0 && !b.failed) {
		argv[0] = b.p;
		execv(b.p, argv);
	}
	buf_reset(&b);
	buf_addf(&b, "mm-%s", name);
	buf_addc(&b, '\0');
	if (!b.failed) {
		argv[0] = b.p;
		execvp(b.p, argv);
	}
	msg_errno(errno, "mm-%s", name);
	buf_release(&b);
	return errno == ENOENT ? 127 : 126;
}

static int
help(char **words, size_t n)
{
	struct buf b = BUF_INIT;
	int status = STATUS_OK;

	if (n == 0) {
		overview(&b);
	} else if (index_search(&b, words, n) == 0) {
		msg("nothing has %s; 'mm' alone lists the commands",
		    n == 1 ? "that word" : "all of these words");
		status = STATUS_REJECTED;
	}
	if (b.failed) {
		msg("out of memory");
		status = STATUS_ERROR;
	} else if (b.n && face_print(b.p, b.n) != STATUS_OK) {
		status = STATUS_ERROR;
	}
	buf_release(&b);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct opt options[] = { { 0 } };
	const struct opt_command command = {
		.name = "mm",
		.summary = "Say which command does what, find one by a word, or run it",
		.synopsis = "[help [WORD]... | COMMAND [ARGUMENT]...]",
		.example = "mm help referrer",
		.options = options,
		.operands = index_words,
	};
	size_t words;
	int status;

	/* all that follows is the command's */
	if (argc > 1 && argv[1][0] != '-' && strcmp(argv[1], "help") != 0) {
		msg_name("mm");
		return run(argv + 1);
	}
	if (!face_begin(&command, argc, argv, &words, &status))
		return status;
	return words == 0 ? help(NULL, 0) : help(argv + 1, words - 1);
}
