// `reseed data fetch NAME`: the original files of a dataset, with progress.
import { fetchDataset, type FetchedDataset, type FetchProgress } from '@reseed/datasets';
import type { NamedDataset } from '@reseed/experiment';
import { logUpdateStderr } from 'log-update';

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

const OUTCOMES: Readonly<Record<FetchedDataset['outcome'], string>> = {
  present: 'was there already',
  unpacked: 'unpacked from the package of this system',
  downloaded: 'downloaded and checked',
};

/** @throws DatasetDownloadError, DatasetError */
export async function runFetch(
  name: NamedDataset,
  options: { readonly folder: string; readonly from?: string; readonly json?: true },
): Promise<void> {
  const { folder, from, json } = options;
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  const shows = process.stderr.isTTY && json !== true;
  const onProgress = ({ file, received, total }: FetchProgress) => {
    if (shows) logUpdateStderr(`${file}: ${megabytes(received)} of ${megabytes(total)} MB`);
  };
  const mirror = from === undefined ? {} : { mirror: from };
  const fetched = await fetchDataset(name, { folder, ...mirror, onProgress, signal: controller.signal }).finally(() => {
    if (shows) logUpdateStderr.clear();
  });
  if (json === true) console.log(JSON.stringify({ name, ...fetched }));
  else console.log(`${name}: ${OUTCOMES[fetched.outcome]}, in ${fetched.folder}`);
}
