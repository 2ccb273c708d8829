// What every Nest app on Fastify has to load: the yardstick for how long a start may take.
import 'reflect-metadata';
import * as core from '@nestjs/core';
import * as fastify from '@nestjs/platform-fastify';

process.send?.([typeof core.NestFactory, typeof fastify.FastifyAdapter]);
