/* What the parts share and the laboratory reads or fills in. */
#include "mm/mech.h"
#include "mm/truth.h"

u64 pte_visits;
struct truth_source truth_source;
