/*
 * What the laboratory reads out of ACPI's tables, into `topology`. A table that contradicts itself ends in unfit(),
 * with its name and what is wrong; `length` is taken as true, so the caller has checked it and the sum.
 */
#pragma once

#include "kernel/types.h"

/* ACPI specification 6.5, 5.2.6. The body follows. */
struct acpi_table {
    char signature[4];
    u32 length; /* bytes, with this header */
    u8 revision, checksum;
    char oem[6], oem_table[8];
    u32 oem_revision, creator, creator_revision;
} __attribute__((packed));

/* In this order: the later ones need what SRAT says of nodes and of the processor, whose topology.apic_id must be set.
 */
void acpi_read_madt(const struct acpi_table *madt);
void acpi_read_srat(const struct acpi_table *srat);
void acpi_read_slit(const struct acpi_table *slit);
void acpi_read_hmat(const struct acpi_table *hmat);
