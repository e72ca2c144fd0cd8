/*
 * libcurl, loaded when it is first needed: it brings a TLS library and twenty more,
 * 9 MiB and 8 ms that a command which asks no server should not cost.
 */
#ifndef MM_LIBCURL_H
#define MM_LIBCURL_H

#include <curl/curl.h>

/* Its functions, without "curl_"; each as libcurl's manual says. */
struct libcurl {
	CURLcode (*global_init)(long);
	CURL *(*easy_init)(void);
	void (*easy_cleanup)(CURL *);
	CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
	CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
	const char *(*easy_strerror)(CURLcode);
	CURLM *(*multi_init)(void);
	CURLMcode (*multi_cleanup)(CURLM *);
	CURLMcode (*multi_add_handle)(CURLM *, CURL *);
	CURLMcode (*multi_remove_handle)(CURLM *, CURL *);
	CURLMcode (*multi_perform)(CURLM *, int *running);
	CURLMcode (*multi_poll)(CURLM *, struct curl_waitfd *, unsigned n, int ms, int *ready);
	CURLMsg *(*multi_info_read)(CURLM *, int *left);
};

/*
 * Loads it once a process, and starts it (curl_global_init); threads may call this
 * at once.  NULL where that can't be: `*reason` is then a text, which stays.
 */
const struct libcurl *libcurl_load(const char **reason);

#endif
