import { Agent, setGlobalDispatcher } from 'undici';
import { loopbackAddress } from './raw.ts';

// Anonymous callers are counted by their address: each file of tests calls from one of its own.
setGlobalDispatcher(new Agent({ localAddress: loopbackAddress(), connect: { family: 4 } }));
