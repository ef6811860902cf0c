/* SPDX-License-Identifier: MIT */
/* ceilings/matrix_sve512bf16.h - part of unit.c: the loop of its matrix unit. */
#include "matrix_bfmmla.h"
