/* clairvoyant: the coming cycle's truth with free moves: the bound of every policy that decides once a cycle. */
#include "mm/parts.h"
#include "mm/policy/pace.h"

static const struct policy clairvoyant_policy = {
    .name = "clairvoyant",
    .summary = "the coming cycle's requests, moves free of charge: the bound",
    .tracker = "truth",
    .classifier = "clairvoyant",
    .migrator = "ideal",
    .pace = PACE_DEFAULT,
    .uses_truth = true,
};
REGISTER_POLICY(clairvoyant_policy);
