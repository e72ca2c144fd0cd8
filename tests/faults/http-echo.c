/*
 * A server for tests of lib/http:
 *
 *   http-echo [-c CONNECTIONS] [-f DESCRIPTORS] [-i IDLE_MS] [-s] ADDRESS
 *
 * -s: as systemd does it: listens, and starts itself with the socket.
 *
 * Says its port on standard output, then answers until SIGTERM.  Each answer
 * names in X-Ran what was asked: method, target, length of the body.
 *
 *   /later   is answered by way of another thread
 *   /hold    is answered when the server stops
 *   /counts  is answered with what it has counted
 *   /large   is answered with 16 MiB
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "http/listen.h"
#include "http/server.h"

#include "base/ascii.h"

#include "base/banned.h"

struct site {
	struct http_server *server;
	struct http_request *held;
	int signals;
	char *large;

	/* requests for the thread, under the lock */
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct http_request *later;
	bool stop;
};

enum { LARGE = 16 * 1024 * 1024 };

static void
answer(struct site *site, struct http_request *r)
{
	char fields[HTTP_HEAD_MOST + 128], body[512] = "ok\n";
	const struct http_counts *c = http_counts(site->server);
	struct span text;

	snprintf(fields, sizeof(fields), "X-Ran: %.*s %.*s %zu\r\n", (int)r->method_name.n,
	    r->method_name.p, (int)r->target.n, r->target.p, r->body.n);
	if (r->path.n == 7 && memcmp(r->path.p, "/counts", 7) == 0)
		snprintf(body, sizeof(body),
		    "{\"accepted\":%llu,\"open\":%llu,\"turned_away\":%llu,\"made_room\":%llu,"
		    "\"timed_out\":%llu,\"refused\":%llu,\"memory\":%llu}\n",
		    (unsigned long long)c->accepted, (unsigned long long)c->open,
		    (unsigned long long)c->turned_away, (unsigned long long)c->made_room,
		    (unsigned long long)c->timed_out, (unsigned long long)c->refused,
		    (unsigned long long)c->memory);
	text = span_of(body);
	if (r->path.n == 6 && memcmp(r->path.p, "/large", 6) == 0)
		text = (struct span){ site->large, LARGE };
	http_answer(r, 200, span_of(fields), text);
}

struct back {
	struct site *site;
	struct http_request *r;
};

static void
answer_back(void *arg)
{
	struct back *b = arg;

	answer(b->site, b->r);
	free(b);
}

static void *
run_later(void *arg)
{
	struct site *site = arg;

	pthread_mutex_lock(&site->lock);
	for (;;) {
		struct http_request *r = site->later;
		struct back *b;

		if (!r && site->stop)
			break;
		if (!r) {
			pthread_cond_wait(&site->more, &site->lock);
			continue;
		}
		site->later = r->next;
		pthread_mutex_unlock(&site->lock);
		b = malloc(sizeof(*b));
		if (!b)
			abort();
		*b = (struct back){ site, r };
		if (!http_post(site->server, answer_back, b))
			abort();
		pthread_mutex_lock(&site->lock);
	}
	pthread_mutex_unlock(&site->lock);
	return NULL;
}

static void
on_head(void *context, struct http_request *r)
{
	(void)context;
	r->body_most = 1024 * 1024;
}

static void
on_request(void *context, struct http_request *r)
{
	struct site *site = context;

	if (r->path.n == 6 && memcmp(r->path.p, "/later", 6) == 0) {
		pthread_mutex_lock(&site->lock);
		r->next = site->later;
		site->later = r;
		pthread_cond_signal(&site->more);
		pthread_mutex_unlock(&site->lock);
	} else if (r->path.n == 5 && memcmp(r->path.p, "/hold", 5) == 0) {
		r->next = site->held;
		site->held = r;
	} else {
		answer(site, r);
	}
}

static void
on_signal(void *arg)
{
	struct site *site = arg;
	struct signalfd_siginfo info;

	if (read(site->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	http_server_stop(site->server);
	while (site->held) {
		struct http_request *r = site->held;

		site->held = r->next;
		answer(site, r);
	}
}

static uint64_t
number(const char *text)
{
	uint64_t value;

	if (!ascii_number(span_of(text), INT32_MAX, &value))
		exit(2);
	return value;
}

static int
hand_over(const char *self, const char *address)
{
	char *const argv[] = { (char *)(uintptr_t)self, NULL };
	struct http_listener l;
	char pid[32];

	if (http_listen(&l, span_of(address), 0666) != 0 || dup2(l.fd, 3) != 3 ||
	    fcntl(3, F_SETFD, 0) != 0)
		return 2;
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("LISTEN_FDNAMES", "door", 1);
	execv(self, argv);
	return 2;
}

int
main(int argc, char **argv)
{
	struct site site = { .lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER };
	struct http_listener listener[4];
	struct http_config config = { .listener = listener, .context = &site };
	struct rlimit limit;
	size_t inherited;
	pthread_t thread;
	sigset_t set;
	int option, error;

	config.on_head = on_head;
	config.on_request = on_request;
	while ((option = getopt(argc, argv, "c:f:i:s")) != -1) {
		if (option == 's' && optind < argc)
			return hand_over(argv[0], argv[optind]);
		if (option == 'c') {
			config.connections_most = (size_t)number(optarg);
		} else if (option == 'i') {
			config.idle_ms = (int64_t)number(optarg);
		} else if (option == 'f') {
			limit.rlim_cur = limit.rlim_max = (rlim_t)number(optarg);
			setrlimit(RLIMIT_NOFILE, &limit);
		} else {
			return 2;
		}
	}
	error = http_inherited(listener, 4, &inherited);
	config.listener_count = inherited;
	if (!error && !inherited && optind < argc) {
		config.listener_count = 1;
		error = http_listen(&listener[0], span_of(argv[optind]), 0666);
	}
	if (error || !config.listener_count) {
		fprintf(stderr, "http-echo: %s\n", strerror(error));
		return 2;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	site.signals = signalfd(-1, &set, SFD_CLOEXEC);
	site.large = calloc(1, LARGE);
	printf("%u\n", http_listener_port(&listener[0]));
	fflush(stdout);
	site.server = http_server_start(&config);
	if (!site.server || !site.large || site.signals < 0 ||
	    http_watch(site.server, site.signals, on_signal, &site) != 0 ||
	    pthread_create(&thread, NULL, run_later, &site) != 0)
		return 2;
	error = http_server_run(site.server);
	pthread_mutex_lock(&site.lock);
	site.stop = true;
	pthread_cond_signal(&site.more);
	pthread_mutex_unlock(&site.lock);
	pthread_join(thread, NULL);
	http_server_free(site.server);
	free(site.large);
	return error ? 1 : 0;
}
