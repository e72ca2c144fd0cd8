/*
 * How far a long job has come: one line on standard error that is drawn over
 * and over while it is a terminal, and a line to keep on SIGUSR1.
 */
#ifndef MM_PROGRESS_H
#define MM_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	bool wanted;   /* --progress: also when standard error is no terminal */
	bool quiet;    /* draws nothing unless wanted */
	uint64_t size; /* bytes that will be read, 0: not known */
	/* the module's */
	bool draws, drawn, terminal;
	uint64_t start_ms, next_ms;
};

struct progress_counts {
	uint64_t rows;  /* stored */
	uint64_t bytes; /* read */
	uint64_t retries;
	uint64_t waiting; /* files in the spool */
};

/* Adds what the files to read hold, standard input when none is named. */
void progress_size(struct progress *, char *const *files, size_t count);

/* From here on SIGUSR1 is answered; the first line is drawn a little later. */
void progress_begin(struct progress *);

/* Draws when it is time, ten times a second at most: cheap to call often. */
void progress_tick(struct progress *, const struct progress_counts *);

/* Erases the line. */
void progress_end(struct progress *);

#endif
