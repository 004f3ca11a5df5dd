/*
 * balloon: who has to give chooses the pages itself.
 *
 *      a machine's cycle has ended:   shares as the balancer says that `balloon_by` names
 *      a machine holds more than its share:
 *          at its next turn it is asked for so many pages, and names those that it needs least (vm/balloon.c)
 *          the host checks them and moves them to the slow tier
 *          it has named too few once a window, four times:   the host's classifier chooses what is missing
 *
 * After the double balloon of Demeter (SOSP'25; artefact github.com/vtta/sosp25-demeter, patch/demeter.patch): one balloon a
 * tier, of which the host says how large they are, by a policy that is left open there, and the guest's kernel what goes into
 * them. Differs: a machine here has slow memory for all that it has, so what one balloon takes in the fast tier the other has
 * given in the slow one beforehand; the host moves the pages, where there the guest does; and the machine's kernel knows no
 * more of its pages than accessed bits. Cost: the machine's own time, two exits an answer (its
 * questions where a page lies are free). Known weak spot: a machine that is
 * asked seldom has bits set on everything it ever touched, and needs a second look.
 */
#include "mm/balance/balance.h"

static KEY_TEXT(balloon_by, "balloon_by", "utility", "utility|proportional|pool",
                "balance=balloon: the balancer that says how large a share is; Demeter leaves it open");

static const struct balancer balance_balloon = {
    .name = "balloon", .summary = "as another one (balloon_by), but who has to give chooses the pages, as Demeter's balloons", .divides_as = &balloon_by};
REGISTER_BALANCER(balance_balloon);
