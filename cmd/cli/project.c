#include "cmd/cli/project.h"

#include <stdlib.h>

#include "base/msg.h"
#include "base/uuid.h"

#include "base/banned.h"

bool
project_id(const char *option, struct span *id)
{
	const char *variable = getenv("MM_PROJECT");
	const char *text = option ? option : variable && *variable ? variable : PROJECT_DEFAULT;

	*id = span_of(text);
	if (uuid_valid(*id))
		return true;
	msg("%s: expected a UUID such as 7f0c4a52-9d1e-4c8b-8a37-51f0c2d9e6b4",
	    option ? "--project" : "MM_PROJECT");
	return false;
}
