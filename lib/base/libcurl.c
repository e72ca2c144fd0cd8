#include "base/libcurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

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
