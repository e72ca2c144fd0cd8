/*
 * libcurl, loaded when it is first needed: it brings a TLS library and twenty more,
 * 9 MiB and 8 ms that a command which asks no server should not cost.
 */
#ifndef MM_LIBCURL_H
#define MM_LIBCURL_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdint.h>

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

/* What ends a transfer early: a request that runs may go on for so long. */
struct libcurl_stop {
	const atomic_int *flag; /* set: stop; NULL: nothing does */
	uint64_t grace_ms;
	uint64_t deadline_ms; /* on the monotonic clock, once the flag was seen; 0 before */
};

/*
 * Sends the request that the handle is set up for, and reads its answer.
 * CURLE_ABORTED_BY_CALLBACK: it was stopped; else what libcurl says.
 */
CURLcode libcurl_transfer(const struct libcurl *, CURLM *, CURL *, struct libcurl_stop *);

/* How long the last answer asks to wait, in ms, at most a minute; 0: it does not ask. */
uint64_t libcurl_retry_after(const struct libcurl *, CURL *);

#endif
