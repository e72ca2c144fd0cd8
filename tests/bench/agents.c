/*
 * Reads agents, one a line, and prints what lib/enrich/agent says of each: browser,
 * os, device and kind of robot, separated by tabs, '-' for "".
 */
#include "enrich/agent.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/banned.h"

static const char *
shown(struct span s, char to[16])
{
	memcpy(to, s.n ? s.p : "-", s.n ? s.n : 1);
	to[s.n ? s.n : 1] = '\0';
	return to;
}

int
main(void)
{
	char *line = NULL, browser[16], os[16], device[16];
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&line, &room, stdin)) > 0) {
		struct agent a;

		agent_parse(&a, line, (size_t)n - (line[n - 1] == '\n'));
		printf("%s\t%s\t%s\t%s\n", shown(a.browser, browser), shown(a.os, os),
		    shown(a.device, device), bot_kind_names[a.bot]);
	}
	free(line);
	return fflush(stdout) ? 2 : 0;
}
