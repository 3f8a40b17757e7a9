// Moves elements of four bytes without computing: blocks with any steps, and rows picked by number.
#include <algorithm>
#include <cstring>
#include "call.h"

namespace {

/** from, to, and [axes, lengths…, steps in from…, steps in to…, first in from, first in to]; steps may be 0 or negative. */
void copyBlock(Call &call) {
  const int32_t *from = call.array<int32_t>(0);
  int32_t *to = call.array<int32_t>(1);
  const int32_t *meta = call.array<int32_t>(2);
  const int axes = meta[0];
  const int32_t *lengths = meta + 1, *stepsFrom = lengths + axes, *stepsTo = stepsFrom + axes;
  from += stepsTo[axes];
  to += stepsTo[axes + 1];
  const int64_t columns = lengths[axes - 1], stepFrom = stepsFrom[axes - 1], stepTo = stepsTo[axes - 1];
  int64_t rows = 1;
  for (int axis = 0; axis + 1 < axes; axis++) rows *= lengths[axis];
  for (int64_t row = 0; row < rows; row++) {
    int64_t rest = row, atFrom = 0, atTo = 0;
    for (int axis = axes - 2; axis >= 0; axis--) {
      const int64_t index = axis == 0 ? rest : rest % lengths[axis];
      rest /= lengths[axis];
      atFrom += index * stepsFrom[axis];
      atTo += index * stepsTo[axis];
    }
    if (stepFrom == 1 && stepTo == 1) std::memcpy(to + atTo, from + atFrom, columns * sizeof(int32_t));
    else
      for (int64_t i = 0; i < columns; i++) to[atTo + i * stepTo] = from[atFrom + i * stepFrom];
  }
}

/** table, indices, out, outer, rows of the table, inner, how many indices; all of them are rows of the table. */
void gatherRows(Call &call) {
  const int32_t *table = call.array<int32_t>(0), *indices = call.array<int32_t>(1);
  int32_t *out = call.array<int32_t>(2);
  const int64_t outer = static_cast<int64_t>(call.number(3)), rows = static_cast<int64_t>(call.number(4)),
                inner = static_cast<int64_t>(call.number(5)), count = static_cast<int64_t>(call.number(6));
  for (int64_t i = 0; i < outer; i++)
    for (int64_t at = 0; at < count; at++, out += inner)
      std::memcpy(out, table + (i * rows + indices[at]) * inner, inner * sizeof(int32_t));
}

/** x, ids, out, rows of x, row size, segments: rows with the same id added up; ids out of range are left out. */
void sumSegments(Call &call) {
  const float *x = call.array<float>(0);
  const int32_t *ids = call.array<int32_t>(1);
  float *out = call.array<float>(2);
  const int64_t rows = static_cast<int64_t>(call.number(3)), size = static_cast<int64_t>(call.number(4)),
                segments = static_cast<int64_t>(call.number(5));
  std::fill(out, out + segments * size, 0.0f);
  for (int64_t row = 0; row < rows; row++) {
    if (ids[row] < 0 || ids[row] >= segments) continue;
    float *to = out + ids[row] * size;
    for (int64_t i = 0; i < size; i++) to[i] += x[row * size + i];
  }
}

}  // namespace

extern const Export movementExports[] = {
    {"copyBlock", copyBlock}, {"gatherRows", gatherRows}, {"sumSegments", sumSegments}, {nullptr, nullptr}};
