/* Presets that make no sense are refused with file, member and reason; every other one makes a
 * machine that works.
 *
 * The expected words come from the limits that preset.h and the formats' rules name, not from the
 * messages' code.
 */
#include "test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/invariant.h"
#include "os/policy.h"
#include "support/drive.h"

enum { SHIPPED_MAX = 64 };
static char shipped[SHIPPED_MAX][32]; /* every file of assets/machines, without .json, in order */
static size_t shipped_n;

static int
find_shipped(void **state)
{
    struct dirent **entry;
    int n = scandir("assets/machines", &entry, NULL, alphasort);

    (void)state;
    for (int i = 0; i < n; i++) {
        char *dot = strstr(entry[i]->d_name, ".json");

        if (dot && shipped_n < SHIPPED_MAX)
            snprintf(shipped[shipped_n++], sizeof *shipped, "%.*s", (int)(dot - entry[i]->d_name), entry[i]->d_name);
        free(entry[i]);
    }
    free(entry);
    return shipped_n < 16 || shipped_n == SHIPPED_MAX;
}

enum { TEXT_MAX = 16384 };

/* The text of a shipped preset. */
static size_t
read_shipped(const char *name, char out[TEXT_MAX])
{
    char path[128];
    FILE *f;
    size_t n;

    snprintf(path, sizeof path, "assets/machines/%s.json", name);
    f = fopen(path, "r");
    assert_non_null(f);
    n = fread(out, 1, TEXT_MAX - 1, f);
    fclose(f);
    out[n] = '\0';
    assert_true(n > 500 && n < TEXT_MAX - 1);
    return n;
}

/* `from`, which must stand there, becomes `to`. */
static void
replace(char text[TEXT_MAX], const char *from, const char *to)
{
    char copy[TEXT_MAX];
    char *at = strstr(text, from);

    if (!at)
        fail_msg("%s does not stand in the preset", from);
    memcpy(copy, text, TEXT_MAX);
    snprintf(at, (size_t)(text + TEXT_MAX - at), "%s%s", to, copy + (at - text) + strlen(from));
}

static int
line_of(const char *text, const char *at)
{
    int line = 1;

    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

/* --- what makes no sense ------------------------------------------------------------------------
 */

struct nonsense {
    const char *machine, *from, *to;
    const char
        *place; /* a text that stands in the line that the message must name; NULL: any line */
    const char *say[3]; /* words the message must have */
};

static const struct nonsense nonsense[] = {
    /* the levels */
    /* the TLB */
    {"x86-64", "\"tlb\": { \"sets\": 4, \"ways\": 4 }", "\"tlb\": { \"sets\": 4, \"ways\": 0 }", "\"tlb\"", {"tlb.ways", "1", "1024"}},
    {"x86-64",
     "\"tlb\": { \"sets\": 4, \"ways\": 4 }",
     "\"tlb\": { \"sets\": 4, \"ways\": 6 }, \"tunables\": { \"tlb_policy\": \"plru\" }",
     "\"tlb\"",
     {"tunables.tlb_policy", "plru", "6"}},
    {"walk-cache", "\"PDPT\": 2", "\"PT\": 2", "walk_cache", {"PT"}},
    {"walk-cache", "\"PD\": 4", "\"PD\": 65", "walk_cache", {"walk_cache.PD", "64"}},
    {"walk-cache", "\"PD\": 4", "\"PD\": \"4\"", "walk_cache", {"walk_cache.PD"}},
    {"x86-64",
     "\"dialect\": \"intel\"",
     "\"dialect\": \"intel\", \"tunables\": { \"tlb_policy\": \"oldest\" }",
     "\"dialect\"",
     {"tunables.tlb_policy", "oldest"}},
    {"x86-64", "\"va_bits\": 48", "\"va_bits\": 47", NULL, {"levels", "48", "47"}},
    {"x86-64",
     "{ \"name\": \"PT\", \"bits\": 9 }",
     "{ \"name\": \"PT\", \"bits\": 8 }",
     NULL,
     {"levels", "47", "48"}},
    {"toy16", "{ \"name\": \"PT\", \"bits\": 4 }", "", NULL, {"levels", "0"}},
    {"toy16", "\"bits\": 4", "\"bits\": 17", "17", {"bits", "17", "16"}},
    {"toy16", "\"name\": \"PT\", ", "", NULL, {"name"}},
    {"x86-64",
     "\"always\", \"large_reserved\": \"0x1fe000\"",
     "\"sometimes\"",
     "sometimes",
     {"large", "sometimes"}},
    {"i386", "\"high\": { \"from\": 13", "\"high\": { \"from\": 64", "64", {"from", "64", "63"}},
    {"i386", "\"high\": { \"from\": 13", "\"high\": { \"form\": 13", "\"form\"", {"form", "from"}},
    {"i386", "\"to\": 32", "\"to\": 2", NULL, {"high"}},
    /* the entry */
    {"toy16", "\"entry_bytes\": 2", "\"entry_bytes\": 3", NULL, {"entry_bytes", "3"}},
    {"toy16", "\"entry_bytes\": 2", "\"entry_bytes\": 0", "entry_bytes", {"entry_bytes", "0"}},
    {"toy16", "\"page_shift\": 12", "\"page_shift\": 2", "page_shift", {"page_shift", "2", "3.."}},
    {"toy16", "\"pa_bits\": 15", "\"pa_bits\": 53", "pa_bits", {"pa_bits", "53", "52"}},
    {"toy16", "\"frame\": \"0x7000\"", "\"frame\": \"0x0\"", NULL, {"frame"}},
    {"toy16", "\"frame\": \"0x7000\"", "\"frame\": \"0x7004\"", NULL, {"frame", "0x7004"}},
    {"toy16", "\"frame\": \"0x7000\"", "\"frame\": \"0x17000\"", NULL, {"frame", "0x17000"}},
    {"toy16", "\"frame\": \"0x7000\"", "\"frame\": 28672", "frame\": 2", {"frame"}},
    {"toy16", "\"frame\": \"0x7000\"", "\"frame\": \"7000\"", "7000", {"frame", "0x"}},
    {"toy16", "\"writable\": 1", "\"writable\": 0", NULL, {"writable", "another"}},
    {"toy16", "\"writable\": 1", "\"writable\": 13", NULL, {"writable", "frame"}},
    {"toy16", "\"writable\": 1", "\"writable\": 16", NULL, {"writable", "2 bytes"}},
    {"toy16", "\"writable\": 1", "\"writable\": -1", "writable", {"writable", "-1"}},
    {"toy16", "\"present\": 0, ", "", NULL, {"present"}},
    {"toy16", "\"user\": 2", "\"usr\": 2", "usr", {"usr", "user"}},
    /* sizes */
    {"toy16", "\"frames\": 8", "\"frames\": 9", "frames", {"frames", "9", "15"}},
    {"toy16", "\"frames\": 8", "\"frames\": 0", "frames", {"frames", "0"}},
    {"toy16", "\"frames\": 8", "\"frames\": -8", "frames", {"frames", "-8"}},
    {"toy16", "\"frames\": 8", "\"frames\": 8.5", "frames", {"frames"}},
    {"toy16", "\"frames\": 8", "\"frames\": 1e99", "frames", {"frames"}},
    {"toy16", "\"frames\": 8", "\"frames\": \"8\"", "frames", {"frames"}},
    {"x86-64", "\"frames\": 4096", "\"frames\": 16777217", "frames", {"frames", "16777217"}},
    {"toy64k", "\"max_order\": 5", "\"max_order\": 11", "max_order", {"max_order", "11", "10"}},
    {"toy64k", "\"max_order\": 5", "\"max_order\": -1", "max_order", {"max_order", "-1", "0"}},
    {"i386", "\"frames\": 4096", "\"frames\": 16777216", NULL, {"16777216"}},
    {"toy16", "\"slots\": 7", "\"slots\": 8", "slots", {"slots", "8", "7"}},
    {"toy16", "\"slots\": 7", "\"slot\": 7", "slot", {"slot"}},
    {"toy16", "\"stack_pages\": 2", "\"policy\": \"fofo\"", "policy", {"policy", "fofo"}},
    {"toy16", "\"stack_pages\": 2", "\"policy\": \"opt\"", "policy", {"policy", "future"}},
    {"x86-64", "\"frames\": 4096", "\"frame\": 4096", "\"frame\": 4", {"frames"}},
    {"toy16", "\"sets\": 1", "\"sets\": 3", "sets", {"sets", "3", "power of two"}},
    {"toy16", "\"sets\": 1", "\"sets\": 0", "sets", {"sets", "0"}},
    {"toy16", "\"ways\": 4", "\"ways\": 0", "ways", {"ways", "0"}},
    {"toy16", "\"ways\": 4", "\"ways\": 1025", "ways", {"ways", "1025"}},
    {"x86-64", "\"sets\": 4, \"ways\": 4", "\"sets\": 65536, \"ways\": 2", "sets", {"65536", "2"}},
    {"x86-64", "\"cpus\": 1", "\"cpus\": 0", "cpus", {"cpus", "0"}},
    {"x86-64", "\"cpus\": 1", "\"cpus\": 1000", "cpus", {"cpus", "1000"}},
    {"x86-64", "\"maxpa\": 46", "\"maxpa\": 53", "\"maxpa\"", {"maxpa", "53", "52"}},
    {"x86-64", "\"maxpa\": 46", "\"maxpa\": 12", "\"maxpa\"", {"maxpa", "12", "13"}},
    {"x86-64", "\"maxpa\": 46", "\"maxpa\": 20", NULL, {"frames", "4096", "20"}},
    /* names and kinds */
    {"x86-64", "\"cpus\": 1", "\"cups\": 1", "cups", {"cups", "cpus"}},
    {"x86-64", "\"cpus\": 1", "\"CPUS\": 1", "CPUS", {"CPUS"}},
    {"x86-64", "\"cpus\": 1", "\"cpus\": 1, \"cpus\": 2", "cpus", {"cpus"}},
    {"x86-64", "\"cpus\": 1", "\"cpus\": null", "cpus", {"cpus"}},
    {"x86-64", "\"cpus\": 1", "\"cpus\": [1]", "cpus", {"cpus"}},
    {"x86-64",
     "pagewalk.machine/1",
     "pagewalk.machine/2",
     "schema",
     {"pagewalk.machine/2", "pagewalk.machine/1"}},
    {"x86-64", "\"schema\": \"pagewalk.machine/1\",", "", NULL, {"schema"}},
    {"x86-64", "\"name\": \"x86-64\",\n  \"title\"", "\"title\"", NULL, {"name"}},
    {"x86-64",
     "\"name\": \"x86-64\",\n  \"title\"",
     "\"name\": \"a-name-that-goes-on-and-on-and-on-and-on\",\n  \"title\"",
     "goes-on",
     {"name", "31"}},
    {"i386",
     "\"frame\": \"0xfffff000\"",
     "\"frame\": \"0xfff0f000\"",
     NULL,
     {"frame", "0xfff0f000"}},
    {"x86-64", "\"frames\": 4096", "\"frames\": 4096, \"ram\": 1", "\"ram\"", {"ram"}},
    {"x86-64", "\"ways\": 4", "\"ways\": 4, \"wayz\": 4", "wayz", {"wayz", "ways"}},
    {"x86-64", "\"title\": {", "\"title\": { \"de\": \"x\",", "\"de\"", {"de"}},
    {"x86-64", "\"cr0\": \"0x80010001\"", "\"cr0\": \"0x10001\"", "cr0", {"cr0", "PG"}},
    {"x86-64", "\"cr0\": \"0x80010001\"", "\"cr0\": \"0x80010001ffffffffff\"", "cr0", {"cr0"}},
    {"x86-64", "\"efer\": ", "\"effer\": ", "effer", {"effer", "efer"}},
    /* the layout of a process */
    {"x86-64", "\"code\": \"0x401000\"", "\"code\": \"0x401001\"", "0x401001", {"code", "4096"}},
    {"x86-64", "\"data\": \"0x404000\"", "\"dat\": \"0x404000\"", "\"dat\"", {"dat", "data"}},
    {"x86-64", "\"data\": \"0x404000\"", "\"data\": \"0x402000\"", NULL, {"data", "code"}},
    {"x86-64", "\"heap\": \"0x406000\"", "\"heap\": \"0x404000\"", NULL, {"heap", "data"}},
    {"x86-64",
     "\"user_end\": \"0x800000000000\"",
     "\"user_end\": \"0x8000000000000\"",
     NULL,
     {"user_end"}},
    {"x86-64",
     "\"user_end\": \"0x800000000000\"",
     "\"user_end\": \"0x405000\"",
     NULL,
     {"user_end"}},
    {"x86-64",
     "\"stack_top\": \"0x7ffffffff000\"",
     "\"stack_top\": \"0x900000000000\"",
     NULL,
     {"stack"}},
    {"x86-64", "\"stack_size\": \"0x3000\"", "\"stack_size\": \"0x900000000000\"", NULL, {"stack"}},
    {"x86-64",
     "\"mmap_top\": \"0x7ffff7fff000\"",
     "\"mmap_top\": \"0x900000000000\"",
     NULL,
     {"mmap_top"}},
    {"x86-64", "\"code_size\": \"0x3000\"", "\"code_size\": \"0x0\"", NULL, {"code_size"}},
    {"x86-64",
     "\"kernel\": \"0xffff888000000000\"",
     "\"kernel\": \"0xfff888000000000\"",
     NULL,
     {"kernel"}},
    {"x86-64",
     "\"kernel\": \"0xffff888000000000\"",
     "\"kernel\": \"0xffff888000001000\"",
     NULL,
     {"kernel", "root"}},
    {"x86-64", "\"kernel\": \"0xffff888000000000\"", "\"kernel\": \"0x400000\"", NULL, {"kernel"}},
    /* the cache */
    {"csapp", "\"sets\": 16", "\"sets\": 12", "\"cache\"", {"sets", "12", "power of two"}},
    {"csapp", "\"sets\": 16", "\"sets\": -16", "\"cache\"", {"sets", "-16"}},
    {"csapp", "\"ways\": 1,", "\"ways\": 17,", "\"cache\"", {"ways", "17", "16"}},
    {"csapp", "\"line\": 4 }", "\"line\": 6 }", "\"cache\"", {"line", "6", "power of two"}},
    {"csapp", "\"line\": 4 }", "\"line\": 128 }", "\"cache\"", {"line", "128", "64"}}, /* a page */
    {"csapp", "\"line\": 4 }", "\"lines\": 4 }", "\"cache\"", {"lines", "line"}},
    {"csapp", "\"cache\": { \"sets\": 16, \"ways\": 1, \"line\": 4 },", "", NULL, {"cache"}},
    {"csapp",
     "\"cache\": { \"sets\": 16, \"ways\": 1, \"line\": 4 },",
     "\"cache\": 16,",
     "\"cache\"",
     {"cache"}},
    /* the initial state */
    {"csapp", "\"kernel\": false,", "", NULL, {"levels", "kernel", "64"}},
    {"toy16", "\"cpus\": 1", "\"cpus\": 1, \"image\": {}", "image", {"image", "kernel"}},
    {"csapp", "\"cr3\": \"0xe00\"", "\"cr3\": \"0xe01\"", "0xe01", {"cr3", "0xe01", "frame"}},
    {"csapp", "\"cr3\": \"0xe00\"", "\"cr3\": \"0xe40\"", "0xe40", {"cr3", "512", "memory"}},
    {"csapp",
     "\"cr3\": \"0xe00\"",
     "\"cr3\": \"0xfffffffffffff000\"",
     "\"cr3\"",
     {"cr3", "memory"}},
    {"csapp", "\"cr3\": \"0xe00\",", "", "\"image\"", {"cr3"}},
    {"csapp", "\"cr3\": \"0xe00\"", "\"cr3\": \"0x600\"", "0x640", {"memory", "at", "page table"}},
    {"csapp", "\"fill\": 1,", "\"fill\": 0,", "fill", {"fill", "0", "1"}},
    {"csapp", "\"fill\": 1,", "\"full\": 1,", "full", {"full", "fill"}},
    {"csapp", "\"bytes\": \"99112311\"", "\"bytes\": \"9911231\"", "9911231", {"bytes", "pairs"}},
    {"csapp", "\"bytes\": \"99112311\"", "\"bytes\": \"\"", NULL, {"bytes", "pairs"}},
    {"csapp", "\"bytes\": \"99112311\"", "\"bytes\": \"9911231G\"", "9911231G", {"bytes", "hex"}},
    {"csapp", "\"at\": \"0xc90\"", "\"at\": \"0xffe\"", "0xffe", {"at", "beyond"}},
    {"csapp", "\"at\": \"0xc90\"", "\"at\": \"0xffffffffffffffff\"", "0xfffff", {"at", "beyond"}},
    {"csapp", "\"at\": \"0xc90\"", "\"at\": \"0xb69\"", "0xb69", {"at", "twice"}},
    {"csapp", "\"vpn\": \"0x2b\"", "\"vpn\": \"0x100\"", "0x100", {"vpn", "0x100", "8 bits"}},
    {"csapp", "\"vpn\": \"0x2b\"", "\"vpn\": \"0xf\"", NULL, {"vpn", "0xf", "already"}},
    {"csapp", "\"vpn\": \"0x2b\"", "\"vpn\": \"0x2a\"", NULL, {"tlb", "0x2b"}},
    {"csapp", "\"ppn\": \"0x11\"", "\"ppn\": \"0x40\"", "0x40", {"ppn", "64"}},
    {"csapp",
     "\"valid\": true, \"ppn\": \"0x34\"",
     "\"valid\": true, \"ppn\": \"0x33\"",
     NULL,
     {"ppn", "0x2b", "0x34"}},
    {"csapp", "\"valid\": true, \"ppn\": \"0x34\"", "\"valid\": true", NULL, {"ppn"}},
    {"csapp",
     "\"valid\": true, \"ppn\": \"0x34\"",
     "\"valid\": false, \"ppn\": \"0x34\"",
     NULL,
     {"ppn", "invalid"}},
    {"csapp",
     "\"set\": 3, \"way\": 3",
     "\"set\": 3, \"way\": 0",
     NULL,
     {"set 3", "way 0", "twice"}},
    {"csapp", "\"set\": 3, \"way\": 3", "\"set\": 4, \"way\": 3", NULL, {"set", "4"}},
    {"csapp", "\"set\": 3, \"way\": 3", "\"set\": 3, \"way\": 4", NULL, {"way", "4"}},
    {"csapp",
     "\"set\": 3, \"way\": 1, \"tag\": \"0x3\"",
     "\"set\": 3, \"way\": 1, \"tag\": \"0x43\"",
     "0x43",
     {"tag", "0x43", "6 bits"}},
    {"csapp",
     "{ \"set\": 5, \"tag\": \"0xd\"",
     "{ \"set\": 5, \"tag\": \"0x40\"",
     "0x40",
     {"tag", "0x40", "6 bits"}},
    {"csapp",
     "{ \"set\": 5, \"tag\": \"0xd\"",
     "{ \"set\": 16, \"tag\": \"0xd\"",
     NULL,
     {"set", "16", "15"}},
    {"csapp",
     "{ \"set\": 5, \"tag\": \"0xd\", \"valid\": true",
     "{ \"set\": 5, \"tag\": \"0xd\", \"valid\": 1",
     NULL,
     {"valid"}},
    {"csapp",
     "{ \"set\": 5, \"tag\": \"0xd\", \"valid\": true",
     "{ \"set\": 5, \"tag\": \"0xd\"",
     NULL,
     {"valid"}},
    {"csapp", "\"set\": 5, \"tag\"", "\"set\": 4, \"tag\"", NULL, {"set 4", "twice"}},
    {"csapp", "\"memory\": { \"frames\": 64 }", "\"memory\": { \"frames\": 32 }", NULL, {"cr3"}},
    /* a table that is no tree */
    {"inverted", "\"cpus\": 1", "\"cpus\": 1, \"kernel\": false", "\"kind\"", {"kernel"}},
    {"inverted",
     "\"user_end\": ",
     "\"kernel\": \"0x900000000000\", \"user_end\": ",
     "0x9000",
     {"kernel", "room"}},
    {"hashed", "\"cr4\": \"0x20\"", "\"cr4\": \"0x20020\"", "0x20020", {"cr4", "CR3"}},
    {"hashed", "\"frames\": 256", "\"frames\": 1048577", "1048577", {"frames"}},
    /* before paging */
    {"partitions", "\"bits\": 0", "\"bits\": 24", "\"bits\": 24", {"bits", "24", "23"}},
    {"segments", "\"table\": \"0x100\"", "\"table\": \"0x104\"", "0x104", {"table", "8"}},
    {"segments", "\"count\": 6", "\"count\": 17", "\"count\"", {"count", "17", "16"}},
    {"segments", "\"count\": 6", "\"counts\": 6", "counts", {"counts", "count"}},
    {"x86-64",
     "\"cpus\": 1",
     "\"cpus\": 1, \"segments\": { \"bits\": 4 }",
     "\"segments\"",
     {"44", "24"}},
    {"partitions", "\"frames\": 1920", "\"frames\": 2047", "2047", {"frames", "2047", "kernel"}},
    {"partitions", "\"frames\": 1920", "\"frames\": 0", NULL, {"frames", "0"}},
    {"segments",
     "\"cpus\": 1,",
     "\"cpus\": 1, \"programs\": { \"frames\": 4 },",
     "\"programs\"",
     {"programs", "kernel"}},
    {"no-mmu", "\"cr0\": \"0x10001\"", "\"cr0\": \"0x80010000\"", NULL, {"PE"}},
    /* tunables and quirks */
    {"toy16",
     "\"stack_pages\": 2",
     "\"stack_pags\": 2",
     "stack_pags",
     {"stack_pags", "stack_pages"}},
    {"toy16", "\"stack_pages\": 2", "\"stack_pages\": -2", "stack_pages", {"stack_pages", "-2"}},
    {"x86-64", "\"cpus\": 1", "\"quirks\": [\"no_such_quirk\"]", "quirks", {"no_such_quirk"}},
    {"x86-64", "\"cpus\": 1", "\"quirks\": [7]", "quirks", {"string"}},
};

static void
expect_refusal(const struct nonsense *n)
{
    char text[TEXT_MAX];
    struct preset p;
    struct error e = {0};

    read_shipped(n->machine, text);
    replace(text, n->from, n->to);
    if (preset_parse(text, strlen(text), "mine.json", &p, &e))
        fail_msg("accepted: %s with %s", n->machine, n->to);
    if (e.code != EXIT_DATA || strcmp(e.file, "mine.json") != 0 || e.line < 1)
        fail_msg("%s: code %d, %s:%d: %s", n->to, e.code, e.file, e.line, e.text);
    if (n->place && e.line != line_of(text, strstr(text, n->place)))
        fail_msg("%s: line %d, expected %d: %s", n->to, e.line,
                 line_of(text, strstr(text, n->place)), e.text);
    for (unsigned i = 0; i < 3 && n->say[i]; i++)
        if (!strstr(e.text, n->say[i]))
            fail_msg("%s gives \"%s\", expected \"%s\" in it", n->to, e.text, n->say[i]);
    assert_null(strchr(e.text, '\n'));
}

static void
nonsense_is_refused_with_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++)
        expect_refusal(&nonsense[i]);
}

/* --- shipped, cut off, damaged ------------------------------------------------------------------
 */

static void
what_is_shipped_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < shipped_n; i++) {
        struct preset p;

        drive_preset(shipped[i], &p);
        assert_string_equal(p.name, shipped[i]);
        assert_true(*p.title_en && *p.title_zh);
        assert_int_equal(p.kernel, !p.image.given); /* processes, or a printed state */
    }
}

/* Cut off anywhere, a preset is no preset. */
static void
every_beginning_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < shipped_n; i++) {
        char text[TEXT_MAX];
        size_t whole = read_shipped(shipped[i], text);

        while (whole && text[whole - 1] == '\n')
            whole--;
        for (size_t n = 0; n < whole; n++) {
            char *part = malloc(n + 1); /* so that a sanitizer sees a read beyond the end */
            struct preset p;
            struct error e = {0};

            memcpy(part, text, n);
            if (preset_parse(part, n, "cut.json", &p, &e))
                fail_msg("%s cut off after %zu bytes is accepted", shipped[i], n);
            if (e.code != EXIT_DATA || strcmp(e.file, "cut.json") != 0 || !*e.text)
                fail_msg("%s cut off after %zu bytes: code %d, \"%s\"", shipped[i], n, e.code,
                         e.text);
            free(part);
        }
    }
}

/* Whatever was accepted must make a machine that works, or say why not. */
static void
use(const struct preset *p, const char *what)
{
    static const char *const line[] = {
        "spawn", "read 0x401000",  "write 0x2000 7", "write 0x404008", "mmap - 0x3000 rw",
        "fork",  "write 0x404000", "exit",           "read 0x3d4",     "write 0x27c",
        "reset",
    };
    struct machine m;
    struct error e = {0};
    struct violation v[1];

    if (!machine_open(&m, p, 1, &e)) {
        if (e.code != EXIT_DATA && e.code != EXIT_LIMIT)
            fail_msg("%s: code %d, %s", what, e.code, e.text);
        return;
    }
    for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
        struct operation op;
        uint8_t blob[OPERATION_BLOB];
        struct outcome out;
        struct error why = {0};

        if (operation_parse(line[i], &op, blob, &why))
            machine_do(&m, &op, &out, &why);
    }
    if (!m.s->tampered && invariant_check(&m, v, 1))
        fail_msg("%s: %s: %s", what, invariant_row[v->invariant].id, v->where);
    machine_close(&m);
}

static unsigned
damage(const char *name, const char *text, size_t n, size_t at, char with)
{
    char copy[TEXT_MAX], what[96];
    struct preset p;
    struct error e = {0};

    if (text[at] == with)
        return 0;
    memcpy(copy, text, n + 1);
    copy[at] = with;
    snprintf(what, sizeof what, "%s with byte %zu (line %d) made 0x%02x", name, at,
             line_of(text, text + at), (unsigned char)with);
    if (preset_parse(copy, n, "bad.json", &p, &e)) {
        use(&p, what);
        return 1;
    }
    if (e.code != EXIT_DATA || strcmp(e.file, "bad.json") != 0 || !*e.text)
        fail_msg("%s: code %d, \"%s\"", what, e.code, e.text);
    return 0;
}

/* One byte wrong, anywhere: refused, or a machine whose invariants hold. Each byte in a release build,
 * one of some where that takes long. */
static void
one_wrong_byte_never_breaks_a_machine(void **state)
{
    const unsigned stride = slowness() >= 40 ? 23 : slowness() > 1 ? 7 : 1;
    unsigned accepted = 0;

    (void)state;
    for (size_t i = 0; i < shipped_n; i++) {
        char text[TEXT_MAX];
        size_t n = read_shipped(shipped[i], text);

        for (size_t at = i % stride; at < n; at += stride) {
            bool digit = strchr("0123456789abcdef", text[at]) != NULL;

            accepted += damage(shipped[i], text, n, at, (char)(text[at] ^ 1));
            accepted += damage(shipped[i], text, n, at, (char)(text[at] ^ 0x80));
            accepted +=
                digit ? damage(shipped[i], text, n, at, '0') + damage(shipped[i], text, n, at, '9')
                      : 0;
        }
    }
    assert_true(accepted > 200 / stride); /* else nothing was tried */
}

/* --- play --set ---------------------------------------------------------------------------------
 */

static void
expect_set(struct preset *p, const char *assignment, const char *because)
{
    struct preset before = *p;
    struct error e = {0};
    bool ok = preset_override(p, assignment, &e);

    if (!because) {
        if (!ok)
            fail_msg("%s: %s", assignment, e.text);
        return;
    }
    if (ok || e.code != EXIT_USAGE || !strstr(e.text, because))
        fail_msg("%s: %s, code %d, \"%s\", expected \"%s\"", assignment,
                 ok ? "accepted" : "refused", e.code, e.text, because);
    assert_memory_equal(&before, p, sizeof before);
}

static void
fields_can_be_overridden(void **state)
{
    struct preset p;

    (void)state;
    drive_preset("x86-64", &p);
    expect_set(&p, "frames=64", NULL);
    assert_int_equal(p.geo.frames, 64);
    expect_set(&p, "tlb.sets=2", NULL);
    expect_set(&p, "tlb.ways=64", NULL); /* fully associative: one set, any number of ways */
    expect_set(&p, "tlb.ways=1", NULL);
    expect_set(&p, "walk_cache=3", NULL);
    expect_set(&p, "cpus=2", NULL);
    expect_set(&p, "maxpa=36", NULL);
    expect_set(&p, "tlb_cycles=3", NULL);
    expect_set(&p, "policy=lru", NULL);
    assert_int_equal(p.tunable[TUNE_POLICY], POLICY_LRU);
    expect_set(&p, "swap=0", NULL);
    assert_int_equal(p.geo.slot_max, 64 + 16); /* stored pages: as many as frames, and some */
    expect_set(&p, "swap=9", NULL);
    assert_int_equal(p.geo.slot_max, 64 + 16 + 9); /* ... and as many as slots */
    expect_set(&p, "string=0", NULL);
    assert_int_equal(p.geo.swap_slots, 9);
    assert_int_equal(p.geo.string_max, 0);
    assert_int_equal(p.geo.tlb_sets, 2);
    assert_int_equal(p.geo.tlb_ways, 1);
    assert_int_equal(p.geo.walk_cache[2], 3);
    assert_int_equal(p.geo.walk_cache[3], 0); /* what the last level says is the TLB's to keep */
    assert_int_equal(p.geo.cpus, 2);
    assert_int_equal(p.geo.maxpa, 36);
    use(&p, "x86-64 overridden");
}

static void
what_set_says_it_knows_it_knows(void **state)
{
    (void)state;
    for (int i = 0; preset_sizes[i]; i++) {
        struct error e = {0};
        struct preset p;
        char assignment[64];

        assert_true(preset_load("csapp", &p, &e));
        snprintf(assignment, sizeof assignment, "%s=some", preset_sizes[i]);
        assert_false(preset_override(&p, assignment, &e));
        assert_non_null(strstr(e.text, preset_sizes[i]));
        assert_null(strstr(e.text, "--set knows"));
    }
}

static void
a_wrong_override_changes_nothing(void **state)
{
    struct preset p;

    (void)state;
    drive_preset("x86-64", &p);
    expect_set(&p, "", "key=value");
    expect_set(&p, "frames", "key=value");
    expect_set(&p, "=8", "\"\"");
    expect_set(&p, "frames=", "frames");
    expect_set(&p, "frames=0", "frames");
    expect_set(&p, "frames=-1", "frames");
    expect_set(&p, "frames=8x", "frames");
    expect_set(&p, "frames= 8", "frames");
    expect_set(&p, "frames=8 ", "frames");
    expect_set(&p, "frames=99999999999999999999", "frames");
    expect_set(&p, "frames=16777217", "frames");
    expect_set(&p, "frams=8", "frames");
    expect_set(&p, "tlb.sets=3", "power of two");
    expect_set(&p, "tlb.sets=0", "tlb.sets");
    expect_set(&p, "tlb.ways=0", "tlb.ways");
    expect_set(&p, "walk_cache=65", "walk_cache");
    expect_set(&p, "tlb.ways=1025", "tlb.ways");
    expect_set(&p, "tlb_policy=plru", NULL);
    expect_set(&p, "tlb.ways=6", "plru");
    assert_int_equal(p.geo.tlb_ways, 4);
    expect_set(&p, "tlb_policy=lru", NULL);
    expect_set(&p, "cpus=0", "cpus");
    expect_set(&p, "cpus=99", "cpus");
    expect_set(&p, "maxpa=12", "maxpa");
    expect_set(&p, "maxpa=53", "maxpa");
    expect_set(&p, "maxpa=20", "maxpa"); /* 4096 frames of 4 KiB need 24 bits */
    expect_set(&p, "tlb_cycles=-1", "tlb_cycles");
    expect_set(&p, "cr0.wp=0", "cr0.wp");
    expect_set(&p, "a=b=c", "\"a\"");
    expect_set(&p, "policy=lrv", "did you mean \"lru\"");
    expect_set(&p, "policy=6", "policy");
    expect_set(&p, "policy=opt", "must know the future");
    expect_set(&p, "policy=3", "must know the future");
    expect_set(&p, "string=1048577", "string");
    drive_preset("toy16", &p);
    expect_set(&p, "fit=fist", "did you mean \"first\"");
    expect_set(&p, "swap=8", "swap"); /* an entry has three bits for the slot's number */
    drive_preset("partitions", &p);
    expect_set(&p, "frames=1920", "frames"); /* none would be left for the kernel */
}

/* An initial state fits the geometry it was made for; a cache is one member more. */
static void
caches_can_be_added_but_an_image_stays_as_it_is(void **state)
{
    struct preset p;

    (void)state;
    drive_preset("x86-64", &p);
    expect_set(&p, "cache.sets=64", NULL);
    assert_int_equal(p.geo.cache[CACHE_L1].sets, 64);
    assert_int_equal(p.geo.cache[CACHE_L1].ways, 1);
    assert_int_equal(p.geo.cache[CACHE_L1].line_shift, 6); /* 64 bytes, unless said otherwise */
    expect_set(&p, "cache.ways=8", NULL);
    expect_set(&p, "cache.line=32", NULL);
    assert_int_equal(p.geo.cache[CACHE_L1].line_shift, 5);
    use(&p, "x86-64 with a cache");
    expect_set(&p, "cache.sets=3", "power of two");
    expect_set(&p, "cache.sets=8192", "cache.sets");
    expect_set(&p, "cache.ways=0", "cache.ways");
    expect_set(&p, "cache.line=48", "power of two");
    expect_set(&p, "cache.line=512", "cache.line");
    expect_set(&p, "cache.lines=4", "cache.lines");
    expect_set(&p, "cache.sets=0", NULL);
    drive_preset("csapp", &p);
    expect_set(&p, "tlb.sets=2", "image");
    expect_set(&p, "frames=63", "image");
    expect_set(&p, "cache.line=8", "image");
    expect_set(&p, "tlb.sets=4", NULL); /* what it is anyway */
    expect_set(&p, "cpus=2", NULL);
    expect_set(&p, "cache_cycles=9", NULL);
    use(&p, "csapp with two CPUs");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_shipped_is_whole),
        cmocka_unit_test(nonsense_is_refused_with_its_reason),
        cmocka_unit_test(every_beginning_is_refused),
        cmocka_unit_test(one_wrong_byte_never_breaks_a_machine),
        cmocka_unit_test(fields_can_be_overridden),
        cmocka_unit_test(caches_can_be_added_but_an_image_stays_as_it_is),
        cmocka_unit_test(what_set_says_it_knows_it_knows),
        cmocka_unit_test(a_wrong_override_changes_nothing),
    };

    return cmocka_run_group_tests_name(__FILE__, tests, find_shipped, NULL);
}
