// What old and new servers can do.
import { durabilityWarning, featuresOf } from './capabilities.ts';

it('tells what a server version has', () => {
  expect(featuresOf('2.9.10')).toMatchObject({ filterSubjects: false, syncAlways: false });
  expect(featuresOf('2.10.0')).toMatchObject({ filterSubjects: true, syncAlways: true });
  expect(featuresOf('2.14.9')).toMatchObject({ filterSubjects: true, syncAlways: true });
  expect(featuresOf('3.0.0')).toMatchObject({ filterSubjects: true });
});

it('refuses what is too old or no version at all', () => {
  for (const version of ['2.8.4', '1.4.1', '', 'dev']) expect(() => featuresOf(version)).toThrow('Souk needs 2.9 or newer');
});

it('warns once, in one line, about a server that does not sync every message', () => {
  expect(durabilityWarning(featuresOf('2.9.10'))).toMatch(/^nats-server 2\.9\.10 .*2\.10 or newer.*[^\n]$/);
  expect(durabilityWarning(featuresOf('2.14.9'))).toBeUndefined();
});
