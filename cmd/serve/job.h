/*
 * What mm-serve works with, and the order in which it is opened and closed.
 */
#ifndef MM_SERVE_JOB_H
#define MM_SERVE_JOB_H

#include <pthread.h>

#include "cmd/cli/salt.h"
#include "cmd/cli/store.h"
#include "cmd/serve/askers.h"
#include "enrich/iphash.h"
#include "http/listen.h"
#include "base/out.h"
#include "serve/deliver.h"
#include "serve/door.h"
#include "serve/keys_used.h"

struct serve_job {
	/* set by the options; NULL: not given */
	struct opt_list listen, private_listen, trusted_proxies;
	const char *keys_file, *salt_file, *geoip, *hosts_file, *bots_file, *strip_params;
	const char *prefix, *output, *spool_dir;
	struct store store;
	int bots, visitor, rules, fbclid;
	uint64_t spool_max, max_delay, connections;
	bool no_deliver;
	bool quiet;

	/* what follows is the module's */
	struct salt salt;
	struct iphash iphash;
	struct hosts *hosts;
	struct bots *bots_table;
	struct geo *geo;
	struct take take;
	struct keys_source source;
	struct keys *keys;
	bool keys_broken; /* the file has changed and can't be used */
	struct buf text, used;
	struct ip_range *range;
	struct http_listener listener[HTTP_LISTENERS_MOST];
	size_t listeners;
	bool listeners_given; /* to the server, which closes them */
	struct http_server *server;
	struct door door;
	struct journal *journal;
	bool added; /* to it, in this turn of the loop */
	atomic_bool sealing_fails;
	struct deliver deliver;
	struct askers askers;
	struct out out; /* with -o - */
	int signals;    /* a signalfd */
	atomic_int stop;
	uint64_t started_ms, used_ms;
	char *spool_path;
};

/* Opens all, serves until a signal, closes all.  Returns the status. */
int serve_job_run(struct serve_job *);

/* ---- between the files of this folder ---- */

/* Tables, salt and keys; false after a message. */
bool serve_prepare(struct serve_job *);
void serve_prepared_release(struct serve_job *);

/* Opens the listeners of the options, or those of systemd; false after a message. */
bool serve_listen(struct serve_job *);
void serve_listening(struct serve_job *); /* says where */

/* The thread that sends what was sealed. */
bool serve_delivery_start(struct serve_job *);
void serve_delivery_health(struct serve_job *, struct deliver_state *);

/* The callbacks of the door. */
unsigned serve_health(void *job, struct buf *);
void serve_metrics(void *job, struct buf *);

/* What is due twice a second: keys and country database that have changed. */
void serve_tick(struct serve_job *);
void serve_reload(struct serve_job *);

/* Tells the service manager (sd_notify(3)): "READY=1", "STOPPING=1". */
void serve_notify(const char *state);

#endif
