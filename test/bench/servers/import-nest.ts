// The modules that every Nest app on Fastify loads: the reference for the time of a start.
import 'reflect-metadata';
import * as core from '@nestjs/core';
import * as fastify from '@nestjs/platform-fastify';

process.send?.([typeof core.NestFactory, typeof fastify.FastifyAdapter]);
