/*
 * mm-identify: says which user a visitor is, as events.
 */
#include "event/identify.h"
#include "cmd/cli/intake.h"

#include "base/banned.h"

int
main(int argc, char **argv)
{
	struct intake in = INTAKE_INIT;
	struct identify id = { .strict_keys = false };
	const struct opt options[] = {
		INTAKE_REJECTS(in),
		{ 0, "strict-keys", OPT_FLAG, NULL, "reject lines with unknown top-level keys",
		    &id.strict_keys, 0, 0 },
		INTAKE_SUMMARY(in),
		INTAKE_QUIET(in),
		INTAKE_MAX_LINE(in),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-identify",
		.summary = "Turn pairs of anonymous_id and user_id into $identify events",
		.synopsis = "[OPTION]... [FILE]...",
		.example = "mm-identify < logins.ndjson | mm-enrich | mm-insert",
		.options = options,
		.operands = "FILE",
	};
	size_t files;
	int status;

	if (!face_begin(&command, argc, argv, &files, &status))
		return status;
	face_catch_signals();
	if (!intake_open(&in, argv, files))
		return STATUS_ERROR;
	while (intake_next(&in)) {
		if (identify(&id, in.lines.p, in.lines.n)) {
			out_write(&in.out, id.event.p, id.event.n);
			out_write(&in.out, "\n", 1);
			in.passed++;
		} else {
			intake_reject(&in, "invalid_payload", id.complaint, id.complaints);
		}
	}
	identify_release(&id);
	return face_end(intake_end(&in));
}
