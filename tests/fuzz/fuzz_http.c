/*
 * HTTP requests: what a server makes of them is the same however they are cut
 * into pieces, every request that is handed out is answered, and nothing stays
 * open or allocated.
 */
#include "tests/unit/http.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static struct site site;

/* Says it in pieces; the statuses go to `text`. */
static void
talk(const char *p, size_t n, size_t piece, bool later, char text[128])
{
	struct buf answers = BUF_INIT;
	uint64_t requests = http_counts(site.server)->requests;
	uint64_t answered = http_counts(site.server)->answers;
	uint64_t refused = http_counts(site.server)->refused;
	int fd = site_client(&site), i;
	char *again;
	bool end;

	buf_reset(&site.seen);
	site.later = later;
	for (; n; p += piece, n -= piece) {
		piece = n < piece ? n : piece;
		if (send(fd, p, piece, MSG_NOSIGNAL) < 0)
			break;
		site_turn(&site);
		site_answer(&site);
	}
	for (i = 0; i < 200 && (i < 3 || site.waiting); i++) {
		site_answer(&site);
		site_turn(&site);
	}
	end = hear(&site, fd, &answers);
	statuses(&answers, end, text);
	/* "100" is said only where the body is not here yet */
	while ((again = strstr(text, "100")) != NULL || (again = strchr(text, ' ')) != NULL) {
		size_t gone = *again == ' ' ? 1 : 3;

		memmove(again, again + gone, strlen(again + gone) + 1);
	}
	close(fd);
	site_turn(&site);
	site_answer(&site);
	site_turn(&site);
	buf_release(&answers);
	requests = http_counts(site.server)->requests - requests;
	answered = http_counts(site.server)->answers - answered;
	refused = http_counts(site.server)->refused - refused;
	MUST(answered <= requests + refused && answered + 1 >= requests);
	MUST(http_counts(site.server)->open == 0);
	MUST(http_counts(site.server)->waiting == 0);
	MUST(http_counts(site.server)->memory == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char whole[128], parts[128];
	struct buf seen = BUF_INIT;
	size_t piece;

	/* few enough requests for the statuses to have room */
	if (size < 2 || size > 2048)
		return 0;
	if (!site.server)
		site_start(&site, (struct http_config){ 0 });
	piece = data[0] % 64u + 1;
	talk((const char *)data + 1, size - 1, size, false, whole);
	buf_add(&seen, site.seen.p, site.seen.n);
	talk((const char *)data + 1, size - 1, piece, (data[0] & 64) != 0, parts);
	MUST(strcmp(whole, parts) == 0);
	MUST(span_eq((struct span){ seen.p, seen.n }, (struct span){ site.seen.p, site.seen.n }));
	buf_release(&seen);
	MUST(failures == 0);
	return 0;
}
