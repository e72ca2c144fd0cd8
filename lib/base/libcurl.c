#include "base/libcurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/timestamp.h"

#include "base/banned.h"

enum {
	RETRY_AFTER_MAX_S = 60, /* a proxy may ask for days */
	STOP_POLL_MS = 100,     /* how late a flag is seen at most */
};

/* a library is a process's, not a caller's */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct libcurl loaded;
static char why[256]; /* it can't be used; empty: it can */

static void
fail(const char *text)
{
	if (!why[0])
		snprintf(why, sizeof(why), "%s", text);
}

/* POSIX: what dlsym returns may be a function. */
static void
find(void *library, const char *name, void *function)
{
	void *symbol = dlsym(library, name);

	if (!symbol)
		fail(dlerror());
	memcpy(function, &symbol, sizeof(symbol));
}

static void
load(void)
{
	/* two packages of the same interface, whose TLS libraries differ */
	void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);

	if (!library) {
		fail(dlerror());
		library = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
	}
	if (!library)
		return;
	why[0] = '\0';
	find(library, "curl_global_init", &loaded.global_init);
	find(library, "curl_easy_init", &loaded.easy_init);
	find(library, "curl_easy_cleanup", &loaded.easy_cleanup);
	find(library, "curl_easy_setopt", &loaded.easy_setopt);
	find(library, "curl_easy_getinfo", &loaded.easy_getinfo);
	find(library, "curl_easy_strerror", &loaded.easy_strerror);
	find(library, "curl_multi_init", &loaded.multi_init);
	find(library, "curl_multi_cleanup", &loaded.multi_cleanup);
	find(library, "curl_multi_add_handle", &loaded.multi_add_handle);
	find(library, "curl_multi_remove_handle", &loaded.multi_remove_handle);
	find(library, "curl_multi_perform", &loaded.multi_perform);
	find(library, "curl_multi_poll", &loaded.multi_poll);
	find(library, "curl_multi_info_read", &loaded.multi_info_read);
	if (!why[0] && loaded.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		fail("libcurl does not start");
}

const struct libcurl *
libcurl_load(const char **reason)
{
	pthread_once(&once, load);
	*reason = why;
	return why[0] ? NULL : &loaded;
}

static bool
must_stop(struct libcurl_stop *stop)
{
	if (!stop->flag || !*stop->flag)
		return false;
	if (stop->deadline_ms == 0)
		stop->deadline_ms = timestamp_monotonic() + stop->grace_ms;
	return timestamp_monotonic() >= stop->deadline_ms;
}

CURLcode
libcurl_transfer(const struct libcurl *curl, CURLM *multi, CURL *easy, struct libcurl_stop *stop)
{
	CURLcode result = CURLE_FAILED_INIT;
	int running = 1, left;
	CURLMsg *m;

	if (must_stop(stop))
		return CURLE_ABORTED_BY_CALLBACK;
	if (curl->multi_add_handle(multi, easy) != CURLM_OK)
		return CURLE_FAILED_INIT;
	while (running) {
		if (curl->multi_perform(multi, &running) != CURLM_OK)
			break;
		if (running && must_stop(stop)) {
			result = CURLE_ABORTED_BY_CALLBACK;
			break;
		}
		if (running && curl->multi_poll(multi, NULL, 0, STOP_POLL_MS, NULL) != CURLM_OK)
			break;
	}
	while ((m = curl->multi_info_read(multi, &left)))
		if (m->msg == CURLMSG_DONE)
			result = m->data.result;
	curl->multi_remove_handle(multi, easy);
	return result;
}

uint64_t
libcurl_retry_after(const struct libcurl *curl, CURL *easy)
{
	curl_off_t seconds = 0;

	if (curl->easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds) != CURLE_OK || seconds <= 0)
		return 0;
	return 1000 * (uint64_t)(seconds < RETRY_AFTER_MAX_S ? seconds : RETRY_AFTER_MAX_S);
}
