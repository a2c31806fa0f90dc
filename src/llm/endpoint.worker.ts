import { DrpoError } from '../core/errors.ts';
import { serve } from './serve.ts';

serve(({ source }) =>
  Promise.reject(new DrpoError('settings-invalid', `${source.type} models are not served here.`)),
);
