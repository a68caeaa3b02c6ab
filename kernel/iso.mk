# make iso    $(B)/airlock.iso: boots by GRUB on BIOS and UEFI machines and in Bochs, and runs one program
#
# ISO_PROGRAM and ISO_ARGS say what it runs, ISO_CMDLINE is the kernel's command line, ISO_ARCHIVE takes the place of the
# packed program. Needs grub-mkrescue (grub-common, grub-pc-bin, grub-efi-amd64-bin), xorriso and mtools.

ISO_PROGRAM ?= /bin/busybox
ISO_ARGS ?= uname -a
ISO_CMDLINE ?=
ISO_ARCHIVE ?=

.PHONY: iso
iso: $(B)/airlock.iso

$(B)/airlock.iso: $(B)/kernel-release/airlock.elf kernel/iso.sh kernel/iso.mk $(ISO_ARCHIVE)
	ISO_CMDLINE='$(ISO_CMDLINE)' ISO_ARCHIVE='$(ISO_ARCHIVE)' \
		sh kernel/iso.sh $< $@ $(ISO_PROGRAM) $(ISO_ARGS)
