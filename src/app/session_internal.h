/* session_internal.h - what the files of the session share. Nobody else includes this. */
#pragma once

#include "app/session.h"

/* Events up to and including the position: the order of all positions of a line. */
uint64_t session_number(const struct session *s, struct position at);
uint64_t session_here(const struct session *s);

struct position session_gate(const struct session *s);
/* The last position of this page that may be shown; of the line when there is no story. */
struct position session_limit(const struct session *s);
bool session_on_branch(const struct session *s);
/* The first question of the story that is not answered, wherever it stands. */
struct question *session_open_question(const struct session *s);

/* Where one stands when a question is asked: everything up to the event it asks about. On the trunk only. */
struct position session_before(const struct session *s, const struct question *q);

/* Stand there; forgets what only the last instant showed. */
void session_stand(struct session *s, struct position at);
void session_enter(struct session *s, unsigned step, struct position at);
/* Beside another machine: where the two part, if that lies after here and before `to`; else `to`. Says so. */
struct position session_part(struct session *s, struct position to);
/* Remember where we are, for session_go_back. */
void session_mark_jump(struct session *s);
/* Go to a position anywhere up to the gate, on the page it belongs to. */
void session_jump(struct session *s, struct position at);

/* The question went so in an earlier sitting: it is closed again. False: nothing is known of it. */
bool session_recall(struct question *q, const struct progress_lesson *past);
/* Fill s->scene.bookmark. */
void session_gather_bookmarks(struct session *s);

/* Fill s->scene.page. */
void session_page(struct session *s);

/* The string of references of the process that runs, NULL: none is loaded. */
const struct refstring *session_string(const struct session *s);
/* Make its next reference, to the end; then go back to its first event. */
bool session_refer(struct session *s);
bool session_watch_reference(struct session *s);
