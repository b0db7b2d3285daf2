/* The formats of a preset: its own, or one for each paging mode, named after the presets that have them. */
#include <stdio.h>
#include <string.h>

#include "base/data.h"
#include "hw/mode.h"
#include "machine/format_json.h"
#include "machine/preset_internal.h"

/* The format of another preset. */
static bool
format_of_preset(struct json o, const char *member, struct format *out, struct error *e)
{
    struct error why = {0};
    struct json_doc *doc = NULL;
    struct json format;
    char path[1024], file[96];
    const char *name;
    bool ok;

    if (!json_get_string(o, member, &name, e))
        return false;
    snprintf(file, sizeof file, "machines/%.64s.json", name);
    if (!strchr(name, '/') && data_path(path, sizeof path, file))
        doc = json_load_file(path, &why);
    if (!doc)
        return json_fail(json_find(o, member), e, "there is no machine \"%s\"", name);
    ok = json_get_object(json_root(doc), "format", &format, e) && format_from_json(format, out, e);
    json_free(doc);
    return ok;
}

/* Instead of "format": one for each mode, and the control registers choose. */
static bool
read_modes(struct json root, struct preset *p, struct error *e)
{
    static const char *const names[] = {"32-bit", "pae", "4-level", "5-level", NULL};
    struct geometry *g = &p->geo;
    struct json modes;

    if (!json_get_object(root, "modes", &modes, e) || !json_only_members(modes, names, e))
        return false;
    for (unsigned i = 0; names[i]; i++) {
        if (!format_of_preset(modes, names[i], &g->of_mode[PAGING_32BIT + i], e))
            return false;
        if (g->of_mode[PAGING_32BIT + i].page_shift != 12)
            return json_fail(json_find(modes, names[i]), e, "all modes have pages of 4 KiB");
    }
    g->of_mode[PAGING_NONE] = g->of_mode[PAGING_32BIT];
    g->format = g->of_mode[PAGING_4LEVEL]; /* the widest physical addresses */
    g->switches = true;
    p->kernel = false;
    return true;
}

bool
preset_read_format(struct json root, struct preset *p, struct error *e)
{
    struct json format;

    if (json_find(root, "modes").node)
        return read_modes(root, p, e);
    return json_get_object(root, "format", &format, e) &&
           format_from_json(format, &p->geo.format, e);
}

bool
preset_check_modes(struct json root, struct preset *p, struct error *e)
{
    struct cpu power_on = {.cr0 = p->cr0, .cr4 = p->cr4, .efer = p->efer};

    if (!p->geo.switches)
        return true;
    if (p->kernel || p->geo.cpus > 1 || json_find(root, "format").node)
        return json_fail(
            json_find(root, "modes"), e,
            "a machine that changes its mode has no kernel, one cpu and no \"format\"");
    if (json_find(root, "image").node && mode_of(&power_on) != PAGING_NONE)
        return json_fail(json_find(root, "control"), e, "with an image it begins without paging");
    p->geo.format = p->geo.of_mode[mode_of(&power_on)];
    return true;
}
