/* cmd_walk.h - `pagewalk walk FILE`: page-walk vectors through the MMU. */
#pragma once

int cmd_walk(int argc, char **argv);
