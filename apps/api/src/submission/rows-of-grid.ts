// Turns an expanded grid into the rows of its conditions and runs.
import type { NewCondition, NewRun } from '@reseed/database';
import { type DeviceClass, runKeys } from '@reseed/experiment';
import { v7 as uuidv7 } from 'uuid';
import type { GridPlan } from './plan-grid.ts';

/**
 * Seeds are outermost: run `seedIndex × conditions + conditionIndex` comes at that place, so that the first results
 * are complete pairs. A run holds the id of its condition, never a copy of the spec.
 *
 * @param autoDevice the device class of conditions that leave it open
 */
export function rowsOfGrid(
  { expansion: { conditions, seeds }, seedCollisions }: Pick<GridPlan, 'expansion' | 'seedCollisions'>,
  autoDevice: DeviceClass,
): { conditions: NewCondition[]; runs: NewRun[] } {
  const newConditions = conditions.map(
    ({ condition, levels }, position): NewCondition => ({
      id: uuidv7(),
      position,
      spec: condition,
      levels,
      seedCollisions: seedCollisions[position],
    }),
  );
  const keys = conditions.map(({ condition }) => runKeys(condition, seeds));
  const runs = seeds.flatMap((seed, seedIndex) =>
    conditions.map(({ scheduling }, index): NewRun => {
      const { device } = scheduling.requires;
      return {
        id: uuidv7(),
        conditionId: newConditions[index].id,
        seed,
        position: seedIndex * conditions.length + index,
        runKey: keys[index][seedIndex],
        deviceClass: device === 'auto' ? autoDevice : device,
        priority: scheduling.priority,
      };
    }),
  );
  return { conditions: newConditions, runs };
}
