/*
 * What each role needs in ClickHouse, and no more, as GRANT statements.
 */
#ifndef MM_SCHEMA_GRANTS_H
#define MM_SCHEMA_GRANTS_H

#include "tables/schema_state.h"

/*
 * Adds the statements that make a role for those who ask, who store events, who
 * forget people, and who make the tables; each is named after the database:
 * millimetric_reader, _inserter, _forgetter, _owner.
 */
void schema_grants(const struct schema_config *, struct buf *);

#endif
