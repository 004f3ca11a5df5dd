/*
 * What a move leaves in a machine's nested tables (`remap=`).
 *
 *      now     the entry with the page's new frame: the machine notices nothing
 *      fault   an empty entry: the next access to the page is an exit, which fills it
 *
 * The second is what Linux's KVM does for a page that the host's own migration moves. Before the page is unmapped from the host's
 * tables the MMU notifier empties the nested entry (virt/kvm/kvm_main.c, kvm_mmu_notifier_invalidate_range_start()); when the page
 * is mapped anew nobody is told, and the machine's next access is a nested fault that looks the frame up in the host's tables
 * (arch/x86/kvm/mmu, kvm_tdp_page_fault()). vTMM (Sha and others, EuroSys'23) fills the entry as it moves the page.
 *
 * As events do (report/events.h), a stand-in takes the classifier's place: a migrator maps the page as ever, and when it tells that the
 * order is done, the entry is emptied again, with the clock paused and before the machine could have used it. So nothing has to be
 * flushed, and migrators know nothing of it. An access that had to wait for its page faults a second time here, since a fault
 * serves one reason; KVM waits and fills in the same exit.
 */
#pragma once

#include "lab/policy.h"

/* With `remap=fault`: puts the stand-in in place of chosen->classifier. Once a boot, when it is clear whether there are machines;
 * refused where there are none. */
void late_fill_init(struct chosen *policy);

/* Whether moves leave empty entries. */
bool late_fill_on(void);
