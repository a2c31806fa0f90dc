import { mount } from 'svelte';
import { narrowPolicy } from './app/hosts.ts';
import { Draft } from './app/draft.svelte.ts';
import { Library } from './app/library.svelte.ts';
import { Models } from './app/models.svelte.ts';
import { Session } from './app/session.svelte.ts';
import { openDatabase } from './store/database.ts';
import { library } from './store/library.ts';
import { modelFiles } from './store/model-files.ts';
import App from './ui/App.svelte';
import './ui/app.css';

declare const __APP_VERSION__: string;

const target = document.getElementById('app');
if (!target) throw new Error('The page has no #app to mount to.');

narrowPolicy();
try {
  await open(target);
} catch (error) {
  // Private windows of some browsers have no IndexedDB: say so instead of showing nothing.
  const { default: Unopened } = await import('./ui/Unopened.svelte');
  mount(Unopened, { target, props: { error } });
}

async function open(root: HTMLElement): Promise<void> {
  const [db, data, { pocketWorld }] = await Promise.all([
    openDatabase(),
    import('./data/index.ts'),
    import('./data/pocket.ts'),
  ]);
  const shelf = { db, files: modelFiles(db), library: library(db) };
  const models = new Models(shelf);
  const session = new Session(shelf, models);
  const runs = new Library(shelf, __APP_VERSION__);
  const draft = new Draft(shelf, models, {
    queries: { train: data.trainQueries, select: data.selectQueries, test: data.testQueries },
    examples: data.startingExamples,
    criteria: data.criteria,
    handWritten: data.handWrittenPrompt,
    planted: data.plantedTexts,
    world: pocketWorld,
  });
  await models.look();
  await draft.restore();
  await runs.refresh();
  mount(App, {
    target: root,
    props: {
      draft,
      models,
      library: runs,
      session,
      startingPrompts: data.startingPrompts,
      onstart: () => session.start(draft.makeRun()),
      onopen: (id: string) => session.open(id),
    },
  });
  const refresh = () => void runs.refresh();
  addEventListener('hashchange', refresh);
  document.addEventListener('visibilitychange', refresh);
  void import('./app/offline.ts').then(({ workOffline }) => workOffline());
}
