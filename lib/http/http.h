/*
 * What an HTTP/1.1 server and who uses it share: requests, limits, callbacks.
 */
#ifndef MM_HTTP_H
#define MM_HTTP_H

#include "base/buf.h"
#include "text/ip.h"

enum http_method {
	HTTP_M_OTHER, /* a token that none of these is: 405 or 501 */
	HTTP_M_GET,   /* also HEAD, which is a GET whose answer has no body */
	HTTP_M_POST,
	HTTP_M_PUT,
	HTTP_M_PATCH,
	HTTP_M_DELETE,
	HTTP_M_OPTIONS,
};

enum {
	HTTP_FIELDS_MOST = 100,     /* header fields of a request: more are 431 */
	HTTP_HEAD_MOST = 16 * 1024, /* bytes of request line and fields: more are 431 */
	HTTP_LISTENERS_MOST = 16,
	HTTP_WATCHES_MOST = 16,
};

/* Where name and value of a field stand, from the first byte of the request. */
struct http_field {
	uint16_t name, name_n, value, value_n;
};

/*
 * One request.  Spans point into the connection's memory: those that on_head
 * sees are valid until it returns, those that on_request sees until the request
 * is answered.
 */
struct http_request {
	enum http_method method;
	bool head_only;          /* it was HEAD */
	struct span method_name; /* as it came */
	struct span target;      /* as it came: the path and, behind a '?', the query */
	struct span path, query; /* its parts, still escaped; query.p is NULL without a '?' */
	struct span body;        /* whole, without chunks; n is 0 in on_head */
	bool has_body;           /* a body was announced: a length above 0, or chunks */
	uint64_t content_length; /* as announced; 0 for chunks */
	unsigned minor;          /* of HTTP/1.x: 0 or 1 */

	struct ip peer; /* who is at the other end, where that is not a unix socket */
	bool peer_is_unix;
	unsigned listener;   /* the tag of the http_listener it came by */
	uint64_t connection; /* a number of its own for each connection, from 1 */

	size_t body_most; /* on_head may set it: a longer body is 413 */

	/* for who answers: as on_head left them, zero before */
	void *context;
	uint64_t ticket;
	struct http_request *next; /* a list of requests that wait */
	unsigned route;
	uint64_t began;
	struct span note;

	const struct http_field *field;
	size_t field_count;
	const char *base; /* what the fields' places are counted from */
};

/* The value of the first field of that name (any case); p is NULL when there is none. */
struct span http_header(const struct http_request *, struct span name);

/* Whether field i has that name, in any case. */
bool http_field_is(const struct http_request *, size_t i, struct span name);

/* Name and value of field i, i < field_count. */
struct span http_field_name(const struct http_request *, size_t i);
struct span http_field_value(const struct http_request *, size_t i);

/* A socket that listens: made by http_listen or http_inherited (http/listen.h). */
struct http_listener {
	int fd;
	bool is_unix;
	bool inherited; /* of systemd: it outlives the server, with who waits in it */
	unsigned tag;   /* the caller's; requests carry it */
	char name[64];  /* the address, or the name that systemd gives; cut when long */
	char path[108]; /* of a unix socket of our own, to be unlinked; "" else */
};

/* Counted since the start; `open`, `waiting` and `memory` are of now. */
struct http_counts {
	uint64_t accepted, requests, answers;
	uint64_t refused;     /* requests that the server itself answered: 4xx, 5xx */
	uint64_t timed_out;   /* connections that a deadline ended in the middle of a request */
	uint64_t turned_away; /* 503 at the door: no descriptor or no room for a connection */
	uint64_t made_room;   /* idle connections closed so that a new one had room */
	uint64_t open, waiting;
	uint64_t memory; /* bytes of the blocks in use */
};

struct http_config {
	const struct http_listener *listener; /* the array may go after http_server_start */
	size_t listener_count;
	void *context; /* of the callbacks */

	/*
	 * May be NULL.  The head of a request is here: may set body_most, context
	 * and ticket, or answer at once (http_answer), then the body is not waited
	 * for and on_request is not called.
	 */
	void (*on_head)(void *context, struct http_request *);
	/* The whole request is here; to be answered, once, now or later. */
	void (*on_request)(void *context, struct http_request *);
	/* May be NULL.  The server itself answered with this status. */
	void (*on_refused)(void *context, unsigned status);
	/* May be NULL.  All requests that were here at a time were handed out. */
	void (*on_turn)(void *context);
	/* May be NULL.  Every tick_ms, by the loop's clock. */
	void (*on_tick)(void *context, int64_t now_ms);
	int64_t tick_ms;

	/* 0 stands for what is written behind */
	size_t body_most;        /* a body without on_head's word: 64 KiB */
	size_t connections_most; /* more are answered with 503: 16,384 */
	size_t memory_most;      /* of all heads, bodies and answers together, bytes: 256 MiB */
	/* milliseconds, from the first byte on; no byte that trickles in stretches them */
	int64_t head_ms;  /* 10,000: all of the head */
	int64_t body_ms;  /* 30,000: all of the body, from the end of the head */
	int64_t idle_ms;  /* 75,000: until the first byte of a request */
	int64_t write_ms; /* 30,000: until the client has taken all of an answer */
	int64_t stop_ms;  /* 30,000: after http_server_stop, until what is open is cut off */

	/* For tests: milliseconds of a clock that never goes back; NULL: the system's. */
	int64_t (*clock)(void *context);
};

#endif
