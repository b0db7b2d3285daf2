/* object.h - files and shared memory, and the page cache that holds their pages.
 *
 * Promises   A file's bytes are the pattern of its tag and the offset until somebody writes. Each
 *            (object, page) is in at most one frame. A cached page is owned by the cache (refs + 1)
 *            besides its mappings.
 * Owns       os->object[], the hash chains through FILE frames.
 * Simplifies No dirty write-back: a shared page that was written stays in memory until its object
 *            goes.
 */
#pragma once

#include "os/frame.h"

enum { OBJECT_MAX = 64, OBJECT_NAME = 24, CACHE_BUCKETS = 256 };

enum object_kind {
    OBJECT_NONE,
    OBJECT_FILE,
    OBJECT_SHARED, /* shared anonymous memory: starts as zeros */
};

struct object {
    char name[OBJECT_NAME];
    uint32_t refs;   /* areas that map it */
    uint32_t kind;   /* enum object_kind */
    uint32_t tag;    /* pattern tag of page 0; page i has phys tag (tag + i) */
    uint32_t pages;  /* pages of it in the cache */
};

/* The object of that name, made when new (a file exists as soon as it is named). 0 when the table
 * is full. It takes no reference: the record is safe from reuse once an area has it. */
uint32_t object_open(struct os *os, const char *name);
/* A nameless shared-memory object. */
uint32_t object_shared(struct os *os);
void object_get(struct os *os, uint32_t object);
/* The last area gone: its cached pages are dropped (shared memory and files alike: a file can be
 * read again). */
void object_put(struct os *os, unsigned cpu, uint32_t object);

/* The pattern tag that page of a file has on the disk (hw/phys.h). */
uint32_t object_page_tag(const struct os *os, uint32_t object, uint64_t page);

/* The cached frame of a page, or 0. */
pfn_t cache_find(const struct os *os, uint32_t object, uint64_t page);
void cache_add(struct os *os, pfn_t pfn, uint32_t object, uint64_t page);
void cache_remove(struct os *os, pfn_t pfn);
