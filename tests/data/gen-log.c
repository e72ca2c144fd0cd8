/*
 * gen-log [-n LINES] [-s SEED] [--json]: a web server's log for tests and
 * benchmarks: many visitors, of whom a fifth has IPv6, pages with campaigns,
 * two fifths assets, some robots, errors, posts and broken requests.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t state;

static uint64_t
next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * UINT64_C(2685821657736338717) >> 16;
}

static unsigned
below(unsigned n)
{
	return (unsigned)(next() % n);
}

#define PICK(list) ((list)[below(sizeof(list) / sizeof(*(list)))])

static const char *const systems[] = { "Windows NT 10.0; Win64; x64", "X11; Linux x86_64",
	"Macintosh; Intel Mac OS X 10_15_7", "Linux; Android 13; Pixel 7",
	"iPhone; CPU iPhone OS 17_5 like Mac OS X", "iPad; CPU OS 16_3 like Mac OS X" };
static const char *const referrers[] = { "-", "-", "-", "https://www.google.com/",
	"https://t.co/a1", "https://shop.example/", "https://duckduckgo.com/?q=coffee+beans",
	"https://m.facebook.com/", "https://news.ycombinator.com/item?id=31415926" };
static const char *const pages[] = { "/", "/pricing", "/blog/how-to-brew", "/product/beans-%d",
	"/category/grinders?page=%d", "/search?q=espresso&p=%d", "/blog/%d/comments",
	"/?utm_source=newsletter&utm_medium=email&utm_campaign=week-%d", "/landing?gclid=Cj0K%dAbC",
	"/caf\\xC3\\xA9/%d", "/about" };
static const char *const assets[] = { "/static/css/main.%d.css", "/static/js/app.%d.js",
	"/img/photo-%d.webp", "/favicon.ico", "/fonts/inter-%d.woff2", "/img/logo.svg?v=%d" };
static const char *const robots[] = {
	"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
	"Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "curl/8.5.0",
	"python-requests/2.31.0"
};

static void
put_address(char *w, size_t n, unsigned visitor)
{
	if (visitor % 5 == 0)
		snprintf(
		    w, n, "2001:db8:%x:%x::%x", visitor >> 16, visitor & 0xffff, visitor % 251 + 1);
	else
		snprintf(w, n, "%u.%u.%u.%u", 20 + (visitor >> 16) % 150, visitor >> 8 & 255,
		    visitor & 255, visitor % 253 + 1);
}

static void
put_agent(char *w, size_t n, unsigned visitor)
{
	unsigned version = 90 + visitor % 50;

	if (visitor % 17 == 0)
		snprintf(w, n, "%s", robots[visitor / 17 % 4]);
	else if (visitor % 3 == 0)
		snprintf(w, n, "Mozilla/5.0 (%s; rv:%u.0) Gecko/20100101 Firefox/%u.0",
		    systems[visitor / 3 % 6], version, version);
	else
		snprintf(w, n,
		    "Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%u.0.0.0 Safari/537.36",
		    systems[visitor / 3 % 6], version);
}

static void
put_line(int json, time_t t)
{
	unsigned visitor = below(150000) * below(40) / 20, kind = below(100), status = 200;
	char address[64], agent[256], target[256], when[64];
	const char *method = "GET";
	struct tm tm;

	gmtime_r(&t, &tm);
	put_address(address, sizeof(address), visitor);
	put_agent(agent, sizeof(agent), visitor);
	snprintf(target, sizeof(target), kind < 40 ? PICK(assets) : PICK(pages), below(90000));
	if (kind >= 90)
		status = kind < 94 ? 404 : kind < 97 ? 301 : 304;
	if (kind == 88 || kind == 89)
		method = "POST";
	if (json) {
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S+00:00", &tm);
		if (strchr(target, '\\'))
			snprintf(target, sizeof(target), "/caf\u00e9/%u", below(90000));
		printf(
		    "{\"time\":\"%s\",\"remote_addr\":\"%s\",\"method\":\"%s\",\"scheme\":\"https\","
		    "\"host\":\"shop.example\",\"uri\":\"%s\",\"status\":%u,\"body_bytes_sent\":%u,"
		    "\"request_time\":0.%03u,\"referer\":\"%s\",\"user_agent\":\"%s\"}\n",
		    when, address, method, target, status, below(90000), below(1000),
		    PICK(referrers), agent);
		return;
	}
	strftime(when, sizeof(when), "%d/%b/%Y:%H:%M:%S +0000", &tm);
	if (kind == 87)
		printf("%s - - [%s] \"\\x16\\x03\\x01\\x02\" 400 226 \"-\" \"-\"\n", address, when);
	else
		printf("%s - - [%s] \"%s %s HTTP/1.1\" %u %u \"%s\" \"%s\"\n", address, when,
		    method, target, status, below(90000), PICK(referrers), agent);
}

int
main(int argc, char **argv)
{
	uint64_t lines = 1000, i;
	time_t t = 1778958000;
	int json = 0, k;

	state = 88172645463325252u;
	for (k = 1; k < argc; k++) {
		if (strcmp(argv[k], "--json") == 0)
			json = 1;
		else if (strcmp(argv[k], "-n") == 0 && k + 1 < argc)
			lines = strtoull(argv[++k], NULL, 10);
		else if (strcmp(argv[k], "-s") == 0 && k + 1 < argc)
			state += strtoull(argv[++k], NULL, 10) * 7919;
		else
			return 2;
	}
	for (i = 0; i < lines; i++) {
		t += below(12) == 0;
		put_line(json, t);
	}
	return fflush(stdout) != 0;
}
