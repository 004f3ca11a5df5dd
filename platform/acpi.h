/*
 * The machine as ACPI describes it. This finds the tables and checks that they are whole; platform/acpi_tables.c reads
 * them, platform/topology.c holds what came out. ACPI specification 6.5: 5.2.5 (RSDP), 5.2.12 (MADT), 5.2.16
 * (SRAT), 5.2.17 (SLIT), 5.2.29 (HMAT).
 */
#pragma once

/*
 * Fills `topology` and chooses the tiers, by the keys fast_node and slow_node or by rank. unfit() when a table is
 * damaged or missing, or when there are not two nodes that differ in rank. Needs boot_info, the keys and the boot page
 * tables; ACPI memory must not have been reused.
 */
void acpi_init(void);
