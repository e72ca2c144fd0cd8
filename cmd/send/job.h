/*
 * What mm-send works with: the connections, the spool, and the batch at hand.
 */
#ifndef MM_SEND_JOB_H
#define MM_SEND_JOB_H

#include "cmd/cli/intake.h"
#include "cmd/cli/progress.h"
#include "event/body.h"
#include "event/event.h"
#include "send/courier.h"
#include "send/event_ids.h"
#include "send/ledger.h"
#include "send/strip.h"
#include "store/delivery.h"

enum {
	SEND_KEY_MAX = 512,
	SEND_KEY_FILE_MAX = 16384, /* bytes of a file that holds one */
	SEND_FOLDER_MAX = 255,
	SEND_ON_ITS_WAY = 2 * DELIVERY_CONNECTIONS_MAX, /* batches at a time, at most */
};

#define SEND_NOT_GIVEN UINT64_MAX

/* Where events go, and whose they are. */
struct send_target {
	struct buf url;                   /* of the route, with a NUL */
	struct buf shown;                 /* for messages, with a NUL */
	struct buf socket;                /* the path of a unix socket, with a NUL; n 0: none */
	char folder[SEND_FOLDER_MAX + 1]; /* of the spool: for this server and project's key */
	bool loopback;
	char key[SEND_KEY_FILE_MAX + 1];
};

struct send_job {
	struct intake in;
	struct event event;
	struct event_ids ids;      /* of events with a time of their own .. */
	struct event_ids mute_ids; /* .. and without: of this run, and those that resume it */
	struct buf bare;           /* an event without the keys that servers ignore */
	struct send_target target;
	struct courier_office office;
	struct courier courier[DELIVERY_CONNECTIONS_MAX];
	void *carriers[DELIVERY_CONNECTIONS_MAX];
	struct batch_place place;
	struct batch batch;
	struct ledger ledger;
	bool ended; /* what was to be done is done: its notes are not needed */
	unsigned char chain[LEDGER_HASH];    /* of the events so far */
	struct ledger_batch at_hand;         /* what the batch will be noted as */
	const struct ledger_batch *expected; /* what the batch may turn out to be */
	struct ledger_batch on_its_way[SEND_ON_ITS_WAY];
	struct spool spool;
	struct delivery delivery;
	struct progress progress;

	/* the options */
	const char *url, *key_file, *cacert, *spool_dir, *drain_dir;
	uint64_t parallel, max_events, max_bytes, max_age, retry_for, timeout, spool_max;
	int summary;
	bool allow_http, follow;

	uint64_t started_ms; /* when the first event of the batch came */
	uint64_t given;      /* events that were given an event_id .. */
	uint64_t timeless;   /* .. of these, without a timestamp */
	uint64_t known;      /* events that an earlier run has sent or kept */
	uint64_t batches;    /* that were handed to the delivery */
	uint64_t stripped;   /* events that servers' own keys were taken out of */
	bool regular;        /* what was read last can be read again, and is not at its end */
	bool opened;         /* the ledger was, or can't be */
	bool halted;         /* no room is left: the input was not read to its end */
	bool refused;        /* the server wants something put right: likewise */
};

/* Reads --api and the key into the target; false after a message.  With send_target_wipe
   the key is gone again. */
bool send_target_read(struct send_job *);
void send_target_wipe(struct send_job *);
void send_target_release(struct send_job *);

/* Opens all that delivers events; false after a message. */
bool send_open(struct send_job *);
void send_close(struct send_job *);

/* Sends what waits in the spool, then reads job->in, which is open, to its end, and
   sends all of it or keeps it.  Nothing is on its way afterwards. */
void send_input(struct send_job *);

/* Notes in the ledger that a batch is sent or kept; for delivery_config.settled. */
void send_settled(void *job, uint64_t mark);

/* Draws the progress when it is time. */
void send_tick(void *job);

/* Ends the input, tells what became of the events, and returns the exit status. */
int send_report(struct send_job *);

#endif
