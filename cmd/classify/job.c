#include "cmd/classify/job.h"

#include <stdlib.h>

#include "base/msg.h"

#include "base/banned.h"

struct worker {
	struct reclassifier r;
	bool only_changed;
};

static void
take(void *worker, struct intake *in)
{
	struct worker *w = worker;
	enum reclassified what = reclassify_read(&w->r, in->lines.p, in->lines.n);

	if (what == RECLASSIFY_BAD) {
		intake_reject(in, "invalid_payload", &w->r.why, 1);
		return;
	}
	in->passed++;
	if (what == RECLASSIFY_CHANGED || !w->only_changed)
		reclassify_write(&w->r, w->only_changed, &in->out);
}

int
classify_job_run(struct classify_job *j, char **files, size_t count)
{
	struct worker *w = calloc((size_t)j->crew.jobs, sizeof(*w));
	int status = STATUS_ERROR;
	size_t i;

	if (!w) {
		msg("out of memory");
		return status;
	}
	for (i = 0; i < j->crew.jobs; i++) {
		w[i].only_changed = j->only_changed;
		reclassify_init(&w[i].r, j->rules, j->hosts);
		j->crew.worker[i] = &w[i];
	}
	j->crew.take = take;
	if (intake_open(&j->in, files, count) && crew_run(&j->crew, &j->in))
		status = intake_end(&j->in);
	for (i = 0; i < j->crew.jobs; i++)
		reclassify_release(&w[i].r);
	free(w);
	return status;
}
